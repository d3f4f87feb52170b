/** Puts the mock backend where the network would be: in `npm run dev` with VITE_MOCK, and in tests. */
import { MockBackend } from './backend'

export function installMockBackend(backend = new MockBackend({ pace: 1 })): MockBackend {
  window.fetch = async (input, init) => await backend.handle(new Request(input, init))
  return backend
}
