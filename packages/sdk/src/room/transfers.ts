import type { PeerId, SkeinErrorCode } from '@skein/protocol'
import { type GiveUpOptions, whenGivenUp } from '../channel/give-up.ts'
import { SkeinError } from '../errors.ts'

interface Transfer {
  readonly to: PeerId
  readonly settle: (code: SkeinErrorCode | null) => void
}

/** Roles given away, until the server has told of the new host. */
export class Transfers {
  readonly #waiting = new Set<Transfer>()

  start({ to, ...giveUp }: GiveUpOptions & { readonly to: PeerId }): Promise<void> {
    return new Promise((resolve, reject) => {
      const transfer: Transfer = {
        to,
        settle: (code) => {
          off()
          this.#waiting.delete(transfer)
          if (code) reject(new SkeinError(code))
          else resolve()
        },
      }
      const off = whenGivenUp(giveUp, (error) => {
        this.#waiting.delete(transfer)
        reject(error)
      })
      this.#waiting.add(transfer)
    })
  }

  hostChanged(host: PeerId | null): void {
    for (const { to, settle } of [...this.#waiting]) settle(to === host ? null : 'not-host')
  }

  /** The server said no, or the room is closed. It answers in order. */
  refused(code: SkeinErrorCode): void {
    const [first] = this.#waiting
    first?.settle(code)
  }

  close(): void {
    for (const { settle } of [...this.#waiting]) settle('closed')
  }
}
