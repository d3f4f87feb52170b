import { classNames } from '@/lib/class-names'
import { STATUS_FILTERS, useTaskFilter } from './use-task-filter'

export function TaskFilters() {
  const { status, change } = useTaskFilter()
  return (
    <fieldset className="flex gap-1 overflow-x-auto border-b p-2">
      <legend className="sr-only">Show tasks with status</legend>
      {STATUS_FILTERS.map(({ value, label }) => (
        <button
          key={label}
          type="button"
          aria-pressed={value === status}
          onClick={() => change({ status: value, page: 0 })}
          className={classNames(
            'whitespace-nowrap rounded-md px-2.5 py-1 font-medium text-[0.8125rem]',
            value === status ? 'bg-accent-soft text-accent-ink' : 'text-muted hover:bg-raised',
          )}
        >
          {label}
        </button>
      ))}
    </fieldset>
  )
}
