import type { CreatedApiKey } from '@/api/types'
import { Copyable } from '@/components/copyable'
import { Button } from '@/ui/button'
import { Notice } from '@/ui/notice'

/** A new key, which nobody can read again afterwards. */
export function NewKeyNote({ made, onDone }: { made: CreatedApiKey; onDone: () => void }) {
  return (
    <section aria-label="The new key" className="flex flex-col gap-3 border-b p-4">
      <Notice tone="warn">
        The key “{made.name}” is shown this once. Store it now where it is needed.
      </Notice>
      <Copyable label="Key" text={made.raw_key} />
      <span className="flex justify-end">
        <Button kind="primary" onClick={onDone}>
          I have stored it
        </Button>
      </span>
    </section>
  )
}
