import type { ButtonHTMLAttributes, ReactNode } from 'react'
import { classNames } from '@/lib/class-names'
import { Spinner } from './spinner'

const KINDS = {
  primary: 'bg-accent text-on-accent enabled:hover:bg-accent-hover border-transparent',
  secondary: 'bg-surface text-ink enabled:hover:bg-raised border-line-strong',
  danger: 'bg-surface text-bad enabled:hover:bg-bad-soft border-line-strong',
  ghost:
    'bg-transparent text-muted enabled:hover:bg-raised enabled:hover:text-ink border-transparent',
} as const

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  kind?: keyof typeof KINDS
  /** Shows that the press is being worked on and takes no second one. */
  busy?: boolean
  /** Why the button can't be used; it is disabled while there is a reason. */
  reason?: string | null | undefined
  children: ReactNode
}

export function Button({
  kind = 'secondary',
  busy = false,
  reason,
  className,
  children,
  disabled,
  ...rest
}: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      disabled={disabled || busy || Boolean(reason)}
      title={reason ?? rest.title}
      className={classNames(
        'inline-flex h-9 items-center justify-center gap-2 rounded-lg border px-3.5 font-medium',
        'motion-safe:transition-colors disabled:cursor-not-allowed disabled:opacity-55',
        KINDS[kind],
        className,
      )}
    >
      {busy && <Spinner />}
      {children}
    </button>
  )
}

/** A button that is only a picture; the label is for those who don't see it, and the tooltip. */
export function IconButton({
  label,
  className,
  children,
  ...rest
}: ButtonHTMLAttributes<HTMLButtonElement> & { label: string; children: ReactNode }) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      {...rest}
      className={classNames(
        'inline-flex size-9 items-center justify-center rounded-lg text-muted motion-safe:transition-colors',
        'enabled:hover:bg-raised enabled:hover:text-ink disabled:opacity-50',
        className,
      )}
    >
      {children}
    </button>
  )
}
