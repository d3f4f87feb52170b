import { Badge } from '@/ui/badge'
import { Button } from '@/ui/button'
import { ConfirmButton } from './confirm-button'

const SHIPPED = 'It ships with Nova; turn it off instead'

/** A change of a row that takes no values. */
interface Removal {
  isPending: boolean
  mutate: (input: undefined) => void
}

/** Whether it is on, and whether it came with Nova. */
export function StateBadges({ enabled, system = false }: { enabled: boolean; system?: boolean }) {
  return (
    <>
      <Badge tone={enabled ? 'ok' : 'neutral'}>{enabled ? 'On' : 'Off'}</Badge>
      {system && <Badge tone="neutral">System</Badge>}
    </>
  )
}

export function EditButton({ open, onToggle }: { open: boolean; onToggle: () => void }) {
  return (
    <Button aria-expanded={open} onClick={onToggle}>
      {open ? 'Close' : 'Edit'}
    </Button>
  )
}

export function SwitchButton({
  enabled,
  busy,
  onSwitch,
}: {
  enabled: boolean
  busy: boolean
  onSwitch: (enabled: boolean) => void
}) {
  return (
    <Button busy={busy} onClick={() => onSwitch(!enabled)}>
      {enabled ? 'Turn off' : 'Turn on'}
    </Button>
  )
}

/** Deletes after a second press; `reason` says why it can't be deleted. */
export function DeleteButton({ removal, reason }: { removal: Removal; reason?: string | null }) {
  if (reason) {
    return (
      <Button kind="danger" reason={reason}>
        Delete
      </Button>
    )
  }
  return (
    <ConfirmButton
      label="Delete"
      question="Delete it?"
      busy={removal.isPending}
      onConfirm={() => removal.mutate(undefined)}
    />
  )
}

/** What can be done with everything that may have come with Nova. */
export function PolicyActions({
  open,
  onToggle,
  enabled,
  system,
  switching,
  onSwitch,
  removal,
}: {
  open: boolean
  onToggle: () => void
  enabled: boolean
  system: boolean
  switching: boolean
  onSwitch: (enabled: boolean) => void
  removal: Removal
}) {
  return (
    <>
      <EditButton open={open} onToggle={onToggle} />
      <SwitchButton enabled={enabled} busy={switching} onSwitch={onSwitch} />
      <DeleteButton removal={removal} reason={system ? SHIPPED : null} />
    </>
  )
}
