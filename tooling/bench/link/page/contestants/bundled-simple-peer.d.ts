// The package's types cover the entry that needs Node polyfills; this file is already bundled.
declare module 'simple-peer/simplepeer.min.js' {
  type SignalData =
    | RTCSessionDescriptionInit
    | { readonly type: 'candidate'; readonly candidate: RTCIceCandidateInit | null }

  interface Events {
    readonly connect: () => void
    readonly drain: () => void
    readonly data: (data: Uint8Array) => void
    readonly error: (error: Error) => void
    readonly signal: (data: SignalData) => void
  }

  class SimplePeer {
    constructor(options: { readonly initiator: boolean; readonly config: RTCConfiguration })
    on<Name extends keyof Events>(name: Name, listener: Events[Name]): void
    once<Name extends keyof Events>(name: Name, listener: Events[Name]): void
    signal(data: SignalData): void
    write(data: string | Uint8Array): boolean
    destroy(): void
  }

  export default SimplePeer
  export type { SignalData }
}
