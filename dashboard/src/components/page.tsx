import type { ReactNode } from 'react'

/** A page's frame: title, what can be done, and the content below. */
export function Page({
  title,
  actions,
  children,
}: {
  title: string
  actions?: ReactNode
  children: ReactNode
}) {
  return (
    <div className="mx-auto flex w-full max-w-6xl flex-col gap-4 px-4 py-5 md:px-8 md:py-7">
      <title>{`${title} · Nova`}</title>
      <header className="flex flex-wrap items-center justify-between gap-3">
        <h1 className="font-semibold text-xl tracking-tight">{title}</h1>
        {actions}
      </header>
      {children}
    </div>
  )
}
