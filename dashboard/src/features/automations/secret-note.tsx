import type { CreatedWebhook } from '@/api/types'
import { addressOf } from '@/api/webhooks'
import { Copyable } from '@/components/copyable'
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
