import type { TestServer } from './servers.ts'

export interface Beacon {
  readonly type: 'leave' | 'away'
  readonly reload?: boolean
  readonly resume: string
}

/** Sends what a page sends by `navigator.sendBeacon` as it goes; resolves to the HTTP status. */
export const sendBeacon = async (
  { httpUrl }: Pick<TestServer, 'httpUrl'>,
  body: Beacon | string,
  headers: Readonly<Record<string, string>> = {},
): Promise<number> => {
  const response = await fetch(`${httpUrl}/leave`, {
    method: 'POST',
    headers: { 'Content-Type': 'text/plain;charset=UTF-8', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
  return response.status
}
