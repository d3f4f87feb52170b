/** What every component test needs: matchers, a clean page, and no way out to a network. */
import '@testing-library/jest-dom/vitest'
import { cleanup, configure } from '@testing-library/react'
import { afterEach, vi } from 'vitest'

// Pages are loaded when first opened, which takes its time on a busy machine.
configure({ asyncUtilTimeout: 10_000 })

afterEach(cleanup)

vi.stubGlobal('fetch', () => {
  throw new Error('A test without a mock backend asked for the network.')
})
