import { type FormEvent, type KeyboardEvent, useState } from 'react'
import { classNames } from '@/lib/class-names'
import { Button } from '@/ui/button'
import { controlClass } from '@/ui/field'
import { Icon } from '@/ui/icon'
import { Notice } from '@/ui/notice'
import { Spinner } from '@/ui/spinner'

interface ComposerProps {
  draft?: string
  sending: boolean
  error: string | null
  /** Present while an answer is being made; pressing it stops the answer. */
  onStop: (() => void) | null
  stopping: boolean
  /** Resolves to whether the message was taken. */
  onSend: (text: string) => Promise<boolean>
}

export function Composer({ draft = '', sending, error, onStop, stopping, onSend }: ComposerProps) {
  const [text, setText] = useState(draft)
  const answering = onStop !== null
  const reason = text.trim() === '' ? 'Write a message first' : null

  async function send() {
    if (answering || sending || reason !== null) return
    if (await onSend(text.trim())) setText('')
  }

  function submit(event: FormEvent) {
    event.preventDefault()
    void send()
  }

  function sendOnEnter(event: KeyboardEvent) {
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return
    event.preventDefault()
    void send()
  }

  return (
    <form onSubmit={submit} className="mx-auto w-full max-w-3xl px-4 pt-2 pb-4">
      {error !== null && (
        <div className="mb-2">
          <Notice>{error}</Notice>
        </div>
      )}
      <div className="relative">
        <textarea
          aria-label="Message"
          placeholder="Message Nova"
          rows={1}
          value={text}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={sendOnEnter}
          className={classNames(
            controlClass,
            'field-sizing-content max-h-60 min-h-12 resize-none rounded-xl py-3 pr-14 text-base md:text-sm',
          )}
        />
        <div className="absolute right-1.5 bottom-2.5">
          {answering ? (
            <Button
              onClick={onStop}
              aria-label="Stop the answer"
              title="Stop the answer"
              disabled={stopping}
              className="size-9 px-0"
            >
              {stopping ? <Spinner /> : <Icon name="stop" className="fill-current" />}
            </Button>
          ) : (
            <Button
              type="submit"
              kind="primary"
              aria-label="Send"
              reason={reason}
              disabled={sending}
              className="size-9 px-0"
            >
              {sending ? <Spinner /> : <Icon name="arrowUp" />}
            </Button>
          )}
        </div>
      </div>
      <p className="mt-1.5 hidden text-center text-faint text-xs md:block">
        Enter sends, Shift+Enter makes a new line.
      </p>
    </form>
  )
}
