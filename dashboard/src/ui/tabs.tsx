import { type KeyboardEvent, type ReactNode, useId, useState } from 'react'
import { classNames } from '@/lib/class-names'

export interface Tab {
  key: string
  label: string
  count?: number | undefined
  content: () => ReactNode
}

const STEPS: Record<string, (index: number, length: number) => number> = {
  ArrowRight: (index, length) => (index + 1) % length,
  ArrowLeft: (index, length) => (index - 1 + length) % length,
  Home: () => 0,
  End: (_, length) => length - 1,
}

/** Tabs as the ARIA practices want them: one stop for Tab, arrows between them. */
export function Tabs({ tabs, label }: { tabs: Tab[]; label: string }) {
  const [chosen, choose] = useState<string | null>(null)
  const id = useId()
  const current = tabs.find((tab) => tab.key === chosen) ?? tabs[0]
  if (current === undefined) return null

  function move(event: KeyboardEvent<HTMLDivElement>) {
    const step = STEPS[event.key]
    if (step === undefined || current === undefined) return
    const target = tabs[step(tabs.indexOf(current), tabs.length)]
    if (target === undefined) return
    event.preventDefault()
    choose(target.key)
    document.getElementById(`${id}-${target.key}`)?.focus()
  }

  return (
    <div>
      <div
        role="tablist"
        aria-label={label}
        onKeyDown={move}
        className="flex h-12 items-stretch gap-1 overflow-x-auto border-b px-2"
      >
        {tabs.map((tab) => (
          <button
            key={tab.key}
            id={`${id}-${tab.key}`}
            type="button"
            role="tab"
            aria-selected={tab === current}
            aria-controls={`${id}-panel`}
            tabIndex={tab === current ? 0 : -1}
            onClick={() => choose(tab.key)}
            className={classNames(
              'flex items-center gap-1.5 whitespace-nowrap border-b-2 px-2.5 pt-0.5 font-medium',
              tab === current
                ? 'border-accent text-ink'
                : 'border-transparent text-muted hover:text-ink',
            )}
          >
            {tab.label}
            {tab.count !== undefined && tab.count > 0 && (
              <span className="rounded bg-raised px-1.5 text-muted text-xs tabular-nums">
                {tab.count}
              </span>
            )}
          </button>
        ))}
      </div>
      <div id={`${id}-panel`} role="tabpanel" aria-labelledby={`${id}-${current.key}`}>
        {current.content()}
      </div>
    </div>
  )
}
