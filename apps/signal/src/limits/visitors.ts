import type { IncomingMessage } from 'node:http'
import { type AddressKey, type AddressReaderOptions, addressReader } from './client-address.ts'
import { originCheck } from './origins.ts'

/** What the headers of a request say about who sent it. */
export interface Visitors {
  /** Whether pages of its origin may use the server. */
  readonly isAllowed: (request: IncomingMessage) => boolean
  readonly addressOf: (request: IncomingMessage) => AddressKey
}

export interface VisitorsOptions extends AddressReaderOptions {
  /** Rules for `originCheck`. */
  readonly origins: readonly string[]
}

/** Creates the checks that WebSocket handshakes and requests to `POST /leave` share. */
export const createVisitors = ({ origins, ...options }: VisitorsOptions): Visitors => {
  const isAllowed = originCheck(origins)
  return {
    isAllowed: ({ headers }) => isAllowed(headers.origin ?? null),
    addressOf: addressReader(options),
  }
}
