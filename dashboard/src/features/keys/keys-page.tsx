import { useState } from 'react'
import { Boundary } from '@/components/boundary'
import { Page } from '@/components/page'
import { Button } from '@/ui/button'
import { Card } from '@/ui/card'
import { KeyForm } from './key-form'
import { KeyList } from './key-list'

export function KeysPage() {
  const [making, setMaking] = useState(false)
  return (
    <Page title="API keys">
      <Card className="overflow-hidden">
        <div className="flex items-center justify-between gap-3 border-b px-4 py-2">
          <p className="text-muted">What other programs call Nova with, and what each may do.</p>
          <Button aria-expanded={making} onClick={() => setMaking(!making)}>
            {making ? 'Close' : 'New key'}
          </Button>
        </div>
        {making && <KeyForm onDone={() => setMaking(false)} />}
        <Boundary>
          <KeyList />
        </Boundary>
      </Card>
    </Page>
  )
}
