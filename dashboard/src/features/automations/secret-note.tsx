import { useState } from 'react'
import type { CreatedWebhook } from '@/api/types'
import { addressOf } from '@/api/webhooks'
import { Button } from '@/ui/button'
import { Notice } from '@/ui/notice'

/** A webhook's address and its new secret, which nobody can read again afterwards. */
export function SecretNote({ webhook, onDone }: { webhook: CreatedWebhook; onDone: () => void }) {
  return (
    <section aria-label="The new secret" className="flex flex-col gap-3 border-b p-4">
      <Notice tone="warn">
        The secret of “{webhook.name}” is shown this once. Store it now where the other system needs
        it.
      </Notice>
      <Copyable label="Address" text={addressOf(webhook)} />
      <Copyable label="Secret" text={webhook.secret} />
      <span className="flex justify-end">
        <Button kind="primary" onClick={onDone}>
          I have stored it
        </Button>
      </span>
    </section>
  )
}

export function Copyable({ label, text }: { label: string; text: string }) {
  const [copied, setCopied] = useState<'no' | 'yes' | 'failed'>('no')

  async function copy() {
    try {
      await navigator.clipboard.writeText(text)
      setCopied('yes')
    } catch {
      // Browsers allow it on secure pages only; the text can be selected by hand all the same.
      setCopied('failed')
    }
  }

  return (
    <div className="flex flex-wrap items-center gap-2">
      <span className="w-16 font-medium text-[0.8125rem]">{label}</span>
      <code className="min-w-0 flex-1 select-all rounded-lg border bg-sunken px-3 py-2 font-mono text-[0.8125rem] [overflow-wrap:anywhere]">
        {text}
      </code>
      <Button aria-label={`Copy the ${label.toLowerCase()}`} onClick={() => void copy()}>
        {copied === 'yes' ? 'Copied' : copied === 'failed' ? 'Select it' : 'Copy'}
      </Button>
    </div>
  )
}
