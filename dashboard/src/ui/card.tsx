import type { ReactNode } from 'react'
import { classNames } from '@/lib/class-names'

export function Card({ className, children }: { className?: string; children: ReactNode }) {
  return (
    <section className={classNames('rounded-xl border bg-surface', className)}>{children}</section>
  )
}

export function CardHeader({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <header className="flex min-h-12 flex-wrap items-center justify-between gap-x-3 gap-y-1 border-b px-4 py-2">
      <h2 className="font-semibold">{title}</h2>
      {children}
    </header>
  )
}
