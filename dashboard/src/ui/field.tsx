import { type ReactNode, useId } from 'react'
import { classNames } from '@/lib/class-names'

/** How every control for text looks. */
export const controlClass = classNames(
  'w-full rounded-lg border border-line-strong bg-surface px-3 py-2 text-ink',
  'disabled:cursor-not-allowed disabled:opacity-60',
)

/** A label above its control, with a hint below; the control gets the id that ties them. */
export function Field({
  label,
  hint,
  children,
}: {
  label: string
  hint?: string
  children: (id: string, describedBy: string | undefined) => ReactNode
}) {
  const id = useId()
  const hintId = hint === undefined ? undefined : `${id}-hint`
  return (
    <div className="flex min-w-0 flex-col gap-1.5">
      <label htmlFor={id} className="font-medium text-[0.8125rem]">
        {label}
      </label>
      {children(id, hintId)}
      {hint !== undefined && (
        <p id={hintId} className="text-faint text-xs">
          {hint}
        </p>
      )}
    </div>
  )
}
