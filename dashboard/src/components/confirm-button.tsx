import { useState } from 'react'
import { Button } from '@/ui/button'

/** A button for what can't be undone: it asks once more, in its own place. */
export function ConfirmButton({
  label,
  question,
  busy,
  onConfirm,
}: {
  label: string
  question: string
  busy: boolean
  onConfirm: () => void
}) {
  const [asking, setAsking] = useState(false)
  if (!asking) {
    return (
      <Button kind="danger" busy={busy} onClick={() => setAsking(true)}>
        {label}
      </Button>
    )
  }
  return (
    <span className="flex gap-2">
      <Button
        kind="danger"
        autoFocus
        onClick={() => {
          setAsking(false)
          onConfirm()
        }}
      >
        {question}
      </Button>
      <Button kind="ghost" onClick={() => setAsking(false)}>
        Keep
      </Button>
    </span>
  )
}
