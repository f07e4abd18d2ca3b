import type { PeerId, SkeinErrorCode } from '@skein/protocol'
import { SkeinError } from '../base/errors.ts'
import { type AbortOrTimeoutOptions, onAbortOrTimeout } from '../time/on-abort-or-timeout.ts'

interface Request {
  readonly to: PeerId
  readonly settle: (code: SkeinErrorCode | null) => void
}

/** Requests to the server that concern one peer each, until their outcome is known. */
export class Requests {
  readonly #pending = new Set<Request>()

  start({ to, ...limits }: AbortOrTimeoutOptions & { readonly to: PeerId }): Promise<void> {
    return new Promise((resolve, reject) => {
      const request: Request = {
        to,
        settle: (code) => {
          cancel()
          this.#pending.delete(request)
          if (code) reject(new SkeinError(code, { message: `${code}: ${to}` }))
          else resolve()
        },
      }
      const cancel = onAbortOrTimeout(limits, (error) => {
        this.#pending.delete(request)
        reject(error)
      })
      this.#pending.add(request)
    })
  }

  /** Settles requests: `null` for success, `undefined` while the outcome is unknown. */
  settle(outcomeOf: (to: PeerId) => SkeinErrorCode | null | undefined): void {
    for (const { to, settle } of [...this.#pending]) {
      const code = outcomeOf(to)
      if (code !== undefined) settle(code)
    }
  }

  /** Rejects the oldest request: the server answers in order. */
  rejectFirst(code: SkeinErrorCode): void {
    const [first] = this.#pending
    first?.settle(code)
  }
}
