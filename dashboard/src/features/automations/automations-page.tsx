import { useState } from 'react'
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
  return (
    <Card className="overflow-hidden">
      <CardHeader title="Schedules">
        <Button aria-expanded={making} onClick={() => setMaking(!making)}>
          {making ? 'Close' : 'New schedule'}
        </Button>
      </CardHeader>
      {making && <ScheduleForm onDone={() => setMaking(false)} />}
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
