import type { Socket } from 'node:net'
import type { Millis } from '@skein/protocol'

/** Carries what comes from one socket to another: later, or not before it is released; in order. */
export class DelayedPipe {
  delayMs: Millis = 0
  readonly #to: Socket
  readonly #waiting: { readonly data: Buffer; readonly dueAt: Millis }[] = []
  #isHeld = false
  #timer: NodeJS.Timeout | undefined

  constructor(from: Socket, to: Socket) {
    this.#to = to
    from.on('data', (data) => {
      this.#waiting.push({ data, dueAt: performance.now() + this.delayMs })
      this.#carry()
    })
    to.once('close', () => clearTimeout(this.#timer))
  }

  set isHeld(isHeld: boolean) {
    this.#isHeld = isHeld
    this.#carry()
  }

  #carry(): void {
    clearTimeout(this.#timer)
    if (this.#to.destroyed) return
    for (let next = this.#waiting[0]; next && !this.#isHeld; next = this.#waiting[0]) {
      const waitMs = next.dueAt - performance.now()
      if (waitMs > 0) {
        this.#timer = setTimeout(() => this.#carry(), Math.ceil(waitMs))
        return
      }
      this.#waiting.shift()
      this.#to.write(next.data)
    }
  }
}
