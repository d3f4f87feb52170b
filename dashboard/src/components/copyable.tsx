import { useState } from 'react'
import { Button } from '@/ui/button'

/** A text to be taken elsewhere, with a button that copies it. */
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
