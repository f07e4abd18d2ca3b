import type { PeerId, SkeinErrorCode } from '@skein/protocol'
import { SkeinError } from '../base/errors.ts'
import { type AbortOrTimeoutOptions, onAbortOrTimeout } from '../time/on-abort-or-timeout.ts'

interface Request {
  readonly to: PeerId
  readonly settle: (code: SkeinErrorCode | null) => void
}

/** What the server was asked to do with a peer, until it has told of it. */
export class Requests {
  readonly #waiting = new Set<Request>()

  start({ to, ...giveUp }: AbortOrTimeoutOptions & { readonly to: PeerId }): Promise<void> {
    return new Promise((resolve, reject) => {
      const request: Request = {
        to,
        settle: (code) => {
          off()
          this.#waiting.delete(request)
          if (code) reject(new SkeinError(code))
          else resolve()
        },
      }
      const off = onAbortOrTimeout(giveUp, (error) => {
        this.#waiting.delete(request)
        reject(error)
      })
      this.#waiting.add(request)
    })
  }

  /** What has become of each: `null` when it is done, `undefined` when it is not known yet. */
  settle(verdict: (to: PeerId) => SkeinErrorCode | null | undefined): void {
    for (const { to, settle } of [...this.#waiting]) {
      const code = verdict(to)
      if (code !== undefined) settle(code)
    }
  }

  /** The server said no. It answers in order. */
  refused(code: SkeinErrorCode): void {
    const [first] = this.#waiting
    first?.settle(code)
  }
}
