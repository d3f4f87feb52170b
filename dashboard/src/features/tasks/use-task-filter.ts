import { useSearchParams } from 'react-router'

export const STATUS_FILTERS = [
  { value: null, label: 'All' },
  { value: 'running', label: 'Running' },
  { value: 'queued', label: 'Queued' },
  { value: 'pending_human_review', label: 'To review' },
  { value: 'clarification_needed', label: 'Questions' },
  { value: 'complete', label: 'Complete' },
  { value: 'failed', label: 'Failed' },
  { value: 'cancelled', label: 'Cancelled' },
] as const

type StatusFilter = (typeof STATUS_FILTERS)[number]['value']

/** Filter and page live in the address, so that they survive a reload and the way back. */
export function useTaskFilter() {
  const [search, setSearch] = useSearchParams()
  const given = search.get('status')
  const status = STATUS_FILTERS.find(({ value }) => value === given)?.value ?? null
  const page = Math.max(0, Number.parseInt(search.get('page') ?? '1', 10) - 1 || 0)

  function change(next: { status: StatusFilter; page: number }) {
    setSearch({
      ...(next.status === null ? {} : { status: next.status }),
      ...(next.page === 0 ? {} : { page: String(next.page + 1) }),
    })
  }

  return { status, page, change }
}
