import type { Socket } from 'node:net'
import type { Millis } from '@skein/protocol'

/** Forwards data from one socket to another, in order and with a delay, unless it is paused. */
export class DelayedForwarder {
  delayMs: Millis = 0
  readonly #to: Socket
  readonly #waiting: { readonly data: Buffer; readonly dueAt: Millis }[] = []
  #isPaused = false
  #timer: NodeJS.Timeout | undefined

  constructor(from: Socket, to: Socket) {
    this.#to = to
    from.on('data', (data) => {
      this.#waiting.push({ data, dueAt: performance.now() + this.delayMs })
      this.#forward()
    })
    to.once('close', () => clearTimeout(this.#timer))
  }

  set isPaused(isPaused: boolean) {
    this.#isPaused = isPaused
    this.#forward()
  }

  #forward(): void {
    clearTimeout(this.#timer)
    if (this.#to.destroyed) return
    for (let next = this.#waiting[0]; next && !this.#isPaused; next = this.#waiting[0]) {
      const waitMs = next.dueAt - performance.now()
      if (waitMs > 0) {
        this.#timer = setTimeout(() => this.#forward(), Math.ceil(waitMs))
        return
      }
      this.#waiting.shift()
      this.#to.write(next.data)
    }
  }
}
