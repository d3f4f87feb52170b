/** What every component test needs: matchers, a clean page, and no way out to a network. */
import '@testing-library/jest-dom/vitest'
import { cleanup } from '@testing-library/react'
import { afterEach, vi } from 'vitest'

afterEach(cleanup)

vi.stubGlobal('fetch', () => {
  throw new Error('A test without a mock backend asked for the network.')
})
