import { useSuspenseQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { modelsQuery } from '@/api/models'
import type { Model } from '@/api/types'
import { formatCount } from '@/lib/format'
import { Badge } from '@/ui/badge'
import { Button } from '@/ui/button'
import { controlClass, Field } from '@/ui/field'
import { Empty } from '@/ui/notice'
import { OverrideForm } from './override-form'

/** More rows than a page can hold: OpenRouter alone has hundreds. */
const SHOWN = 100

const SOURCES: Record<Model['price_source'], string> = {
  override: 'set by you',
  provider: 'told by the provider',
  table: 'Nova’s table',
  litellm: 'a second table',
  free: 'costs nothing',
  unknown: 'budgets refuse it',
}

export function ModelTable() {
  const { data } = useSuspenseQuery(modelsQuery)
  const [wanted, setWanted] = useState('')
  const [open, setOpen] = useState<string | null>(null)
  if (data.length === 0) {
    return (
      <Empty icon="cpu" title="No model can be used now">
        Set up a provider, or start the one that is.
      </Empty>
    )
  }
  const found = data.filter(({ id }) => id.toLowerCase().includes(wanted.trim().toLowerCase()))
  return (
    <>
      <div className="border-b p-4">
        <Field label="Find a model">
          {(id) => (
            <input
              id={id}
              type="search"
              value={wanted}
              onChange={(event) => setWanted(event.target.value)}
              className={controlClass}
            />
          )}
        </Field>
      </div>
      {found.length === 0 && <Empty icon="dash" title="No model has this in its name" />}
      <ul className="divide-y">
        {found.slice(0, SHOWN).map((model) => (
          <ModelRow
            key={model.id}
            model={model}
            open={open === model.id}
            onToggle={() => setOpen(open === model.id ? null : model.id)}
          />
        ))}
      </ul>
      {found.length > SHOWN && (
        <p className="border-t px-4 py-2 text-muted">
          The first {SHOWN} of {found.length}.
        </p>
      )}
    </>
  )
}

function ModelRow({
  model,
  open,
  onToggle,
}: {
  model: Model
  open: boolean
  onToggle: () => void
}) {
  const window = model.context_window == null ? 'unknown' : formatCount(model.context_window)
  return (
    <li aria-label={model.id} className="flex flex-col gap-3 px-4 py-3">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <div className="min-w-48 flex-1">
          <p className="font-medium [overflow-wrap:anywhere]">{model.id}</p>
          <p className="flex flex-wrap gap-1">
            {model.capabilities?.map((one) => (
              <Badge key={one} tone="neutral">
                {one}
              </Badge>
            ))}
          </p>
        </div>
        <p className="w-28 text-muted">
          <span className="block text-faint text-xs">Context</span>
          <span className="tabular-nums">{window}</span>
        </p>
        <p className="w-52">
          <span className="block text-faint text-xs">In / out, $ per million tokens</span>
          <span className="tabular-nums">{priceOf(model)}</span>{' '}
          <span className="text-faint text-xs">{sourceOf(model)}</span>
        </p>
        <Button aria-expanded={open} aria-label={`Price of ${model.id}`} onClick={onToggle}>
          {open ? 'Close' : 'Price'}
        </Button>
      </div>
      {open && <OverrideForm model={model} onDone={onToggle} />}
    </li>
  )
}

function priceOf({ input_usd, output_usd }: Model): string {
  if (input_usd == null || output_usd == null) return 'unknown'
  return `${input_usd} / ${output_usd}`
}

function sourceOf({ price_source, price_as_of }: Model): string {
  const source = SOURCES[price_source]
  return price_as_of == null ? source : `${source}, ${price_as_of}`
}
