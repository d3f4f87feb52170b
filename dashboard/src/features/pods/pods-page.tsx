import { useSuspenseQuery } from '@tanstack/react-query'
import { podsQuery, useUpdatePod } from '@/api/pods'
import type { Pod } from '@/api/types'
import { Boundary } from '@/components/boundary'
import { Listing } from '@/components/listing'
import { Page } from '@/components/page'
import { Badge } from '@/ui/badge'
import { Card, CardHeader } from '@/ui/card'
import { LimitRow } from './limit-row'
import { type Limit, limitsIn } from './limits'

type PodLimit =
  | 'max_concurrent_tasks'
  | 'max_cost_usd'
  | 'daily_budget_usd'
  | 'max_execution_seconds'

const LIMITS: Limit<PodLimit>[] = [
  { name: 'max_concurrent_tasks', label: 'Tasks at once', hint: 'Others wait', unit: 'at once' },
  { name: 'max_cost_usd', label: 'USD a task', hint: 'Then it asks you', unit: '$ a task' },
  { name: 'daily_budget_usd', label: 'USD a day', hint: 'Of all its tasks', unit: '$ a day' },
  {
    name: 'max_execution_seconds',
    label: 'Seconds a task',
    hint: 'While it runs, not while it waits',
    unit: 's a task',
    required: true,
  },
]

export function PodsPage() {
  return (
    <Page title="Pods">
      <Card className="overflow-hidden">
        <CardHeader title="Limits" />
        <Boundary>
          <Pods />
        </Boundary>
      </Card>
    </Page>
  )
}

function Pods() {
  const { data: pods } = useSuspenseQuery(podsQuery)
  return (
    <Listing
      items={pods}
      total={pods.length}
      empty={{ icon: 'agents', title: 'No pods', text: 'A pod is a team of agents.' }}
    >
      {(pod) => <PodRow key={pod.id} pod={pod} />}
    </Listing>
  )
}

function PodRow({ pod }: { pod: Pod }) {
  const update = useUpdatePod(pod.id)
  return (
    <LimitRow
      name={pod.name}
      badge={!pod.enabled && <Badge tone="neutral">Off</Badge>}
      text={pod.description}
      limits={LIMITS}
      values={pod}
      busy={update.isPending}
      error={update.error}
      onSend={(entries, done) => update.mutate(limitsIn(LIMITS, entries), { onSuccess: done })}
    />
  )
}
