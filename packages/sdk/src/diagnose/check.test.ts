import { afterEach, expect, test, vi } from 'vitest'
import { check } from './check.ts'

afterEach(() => {
  vi.unstubAllGlobals()
})

/** The server refuses the WebSocket. */
class RefusedSocket extends EventTarget {
  onclose: (() => void) | null = null

  constructor() {
    super()
    queueMicrotask(() => this.onclose?.())
  }

  close(): void {}
}

test('an abort ends a check whose request to the server is not answered', async () => {
  const abort = new AbortController()
  const unanswered = (_url: URL, { signal }: RequestInit) =>
    new Promise<Response>((_, reject) => {
      signal?.addEventListener('abort', () => reject(signal.reason))
      abort.abort()
    })
  vi.stubGlobal('fetch', unanswered)
  const port: unknown = RefusedSocket
  const checking = check({
    url: 'ws://example.org/ws',
    WebSocket: port as typeof WebSocket,
    signal: abort.signal,
    timeoutMs: 2 ** 30,
  })
  await expect(checking).rejects.toMatchObject({ code: 'aborted' })
})
