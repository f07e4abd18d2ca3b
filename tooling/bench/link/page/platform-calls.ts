/** One call of a browser function that a page cannot split into smaller parts. */
export interface PlatformCall {
  readonly name: string
  readonly startedAt: number
  readonly endedAt: number
}

/** All calls since watching began, in order. */
export const platformCalls: PlatformCall[] = []

/** Times every call of these from now on. There is no unwrapping: use it in a dedicated page. */
export const watchPlatform = (): void => {
  const typed: object = Object.getPrototypeOf(Uint8Array.prototype)
  watchMethods('bytes', typed, ['set', 'slice', 'copyWithin', 'fill'])
  watchMethods('ArrayBuffer', ArrayBuffer.prototype, ['slice'])
  watchMethods('TextEncoder', TextEncoder.prototype, ['encode', 'encodeInto'])
  watchMethods('TextDecoder', TextDecoder.prototype, ['decode'])
  watchMethods('JSON', JSON, ['stringify', 'parse'])
  watchMethods('Blob', Blob.prototype, ['slice', 'arrayBuffer', 'stream'])
  watchMethods('RTCDataChannel', RTCDataChannel.prototype, ['send'])
  for (const name of ['ArrayBuffer', 'Uint8Array', 'Blob'] as const) watchConstructor(name)
}

const timed = <Value>(name: string, call: () => Value): Value => {
  const startedAt = performance.now()
  try {
    return call()
  } finally {
    platformCalls.push({ name, startedAt, endedAt: performance.now() })
  }
}

const watchMethods = (owner: string, target: object, methods: readonly string[]): void => {
  for (const method of methods) {
    const original: unknown = Reflect.get(target, method)
    if (typeof original !== 'function') continue
    const watched = function (this: unknown, ...args: unknown[]): unknown {
      return timed(`${owner}.${method}`, () => Reflect.apply(original, this, args))
    }
    Object.defineProperty(target, method, { value: watched, configurable: true, writable: true })
  }
}

const watchConstructor = (name: 'ArrayBuffer' | 'Uint8Array' | 'Blob'): void => {
  const watched = new Proxy(globalThis[name], {
    construct: (target, args, newTarget) =>
      timed(`new ${name}`, (): object => Reflect.construct(target, args, newTarget)),
  })
  // `object.constructor` must be the constructor that the page sees.
  Object.defineProperty(watched.prototype, 'constructor', { value: watched })
  Object.defineProperty(globalThis, name, { value: watched })
}
