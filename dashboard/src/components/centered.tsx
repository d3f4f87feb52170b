import type { ReactNode } from 'react'
import { Logo } from '@/ui/icon'

/** The frame of the pages before the app proper: start-up and login. */
export function Centered({ title, children }: { title: string; children: ReactNode }) {
  return (
    <main className="flex min-h-full items-center justify-center px-4 py-10">
      <title>{title}</title>
      <div className="w-full max-w-sm">
        <div className="mb-6 flex flex-col items-center gap-3 text-center">
          <Logo className="size-12" />
          <h1 className="font-semibold text-xl tracking-tight">{title}</h1>
        </div>
        {children}
      </div>
    </main>
  )
}
