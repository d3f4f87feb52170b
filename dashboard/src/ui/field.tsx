import { type InputHTMLAttributes, type ReactNode, useId } from 'react'
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
  hint?: string | undefined
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

/** A field of one line. */
export function TextField({
  label,
  hint,
  className,
  ...rest
}: InputHTMLAttributes<HTMLInputElement> & { label: string; hint?: string | undefined }) {
  return (
    <Field label={label} hint={hint}>
      {(id, describedBy) => (
        <input
          id={id}
          aria-describedby={describedBy}
          className={classNames(controlClass, className)}
          {...rest}
        />
      )}
    </Field>
  )
}
