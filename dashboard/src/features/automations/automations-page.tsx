import { useState } from 'react'
import { useCreateSchedule } from '@/api/schedules'
import { Boundary } from '@/components/boundary'
import { Page } from '@/components/page'
import { Button } from '@/ui/button'
import { Card, CardHeader } from '@/ui/card'
import { ScheduleForm } from './schedule-form'
import { ScheduleList } from './schedule-list'
import { WebhookForm } from './webhook-form'
import { WebhookList } from './webhook-list'

export function AutomationsPage() {
  return (
    <Page title="Automations">
      <Schedules />
      <Webhooks />
    </Page>
  )
}

function Schedules() {
  const [making, setMaking] = useState(false)
  const create = useCreateSchedule()
  return (
    <Card className="overflow-hidden">
      <CardHeader title="Schedules">
        <Button aria-expanded={making} onClick={() => setMaking(!making)}>
          {making ? 'Close' : 'New schedule'}
        </Button>
      </CardHeader>
      {making && (
        <ScheduleForm
          label="New schedule"
          action="Create schedule"
          busy={create.isPending}
          error={create.error}
          framed
          onSend={(entries) => create.mutate(entries, { onSuccess: () => setMaking(false) })}
        />
      )}
      <Boundary>
        <ScheduleList />
      </Boundary>
    </Card>
  )
}

function Webhooks() {
  const [making, setMaking] = useState(false)
  return (
    <Card className="overflow-hidden">
      <CardHeader title="Webhooks">
        <Button aria-expanded={making} onClick={() => setMaking(!making)}>
          {making ? 'Close' : 'New webhook'}
        </Button>
      </CardHeader>
      {making && <WebhookForm onDone={() => setMaking(false)} />}
      <Boundary>
        <WebhookList />
      </Boundary>
    </Card>
  )
}
