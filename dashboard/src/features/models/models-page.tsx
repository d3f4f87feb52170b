import { type ReactNode, useState } from 'react'
import { Boundary } from '@/components/boundary'
import { Page } from '@/components/page'
import { Button } from '@/ui/button'
import { Card } from '@/ui/card'
import { Tabs } from '@/ui/tabs'
import { DefaultsForm } from './defaults-form'
import { ModelTable } from './model-table'
import { OllamaPanel } from './ollama-panel'
import { ProviderList } from './provider-list'
import { ServerForm } from './server-form'

export function ModelsPage() {
  return (
    <Page title="Models">
      <Card className="overflow-hidden">
        <Tabs
          label="Models"
          tabs={[
            { key: 'providers', label: 'Providers', content: () => <Providers /> },
            { key: 'models', label: 'Models', content: () => part(<ModelTable />) },
            { key: 'defaults', label: 'Defaults', content: () => part(<DefaultsForm />) },
            { key: 'ollama', label: 'Ollama', content: () => part(<OllamaPanel />) },
          ]}
        />
      </Card>
    </Page>
  )
}

function part(content: ReactNode) {
  return <Boundary>{content}</Boundary>
}

function Providers() {
  const [adding, setAdding] = useState(false)
  return (
    <>
      <div className="flex items-center justify-between gap-3 border-b px-4 py-2">
        <p className="text-muted">Where models come from, and the keys to them.</p>
        <Button aria-expanded={adding} onClick={() => setAdding(!adding)}>
          {adding ? 'Close' : 'Add a server'}
        </Button>
      </div>
      {adding && <ServerForm onDone={() => setAdding(false)} />}
      {part(<ProviderList />)}
    </>
  )
}
