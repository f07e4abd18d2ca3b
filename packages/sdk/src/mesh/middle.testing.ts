import type { PeerId } from '@skein/protocol'
import type { ChannelMux } from '../channel/channel-mux.ts'
import { type FakeWorld, fakeWorld } from '../room/fake-world.testing.ts'
import { LazyFeatures, type LazyFeaturesOptions } from '../room/lazy-features.ts'
import { meshLabel, relayLabel } from '../transport/label.ts'
import { encodePayload } from '../transport/payload.ts'
import { nodeSubtle } from './node-subtle.testing.ts'
import { decodeRelayFrame, type RelayFrame } from './relay-frame.ts'

/** All that a page sends for others, before it is sent: a message, or a frame. */
export interface Sent {
  readonly label: string
  readonly to: PeerId
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** What a member in the middle sends in the place of what it should. */
export type Meddle = (sent: Sent) => readonly Uint8Array<ArrayBuffer>[]

/** Watches and changes what a page sends to others on the channels for what members do. */
export const meddleWith = (mux: ChannelMux, meddle: Meddle): void => {
  const attach = mux.attach.bind(mux)
  mux.attach = (peer, options) => {
    const transport = attach(peer, options)
    const send = transport.send.bind(transport)
    transport.send = (message, wantsAnswer) => {
      const isForOthers = message.label === meshLabel || message.label === relayLabel
      if (!isForOthers || !(message.body instanceof Uint8Array)) return send(message, wantsAnswer)
      const { label, body } = message
      const others = meddle({ label, to: peer, bytes: new Uint8Array(body) })
      const items = others.map((bytes) => {
        const payload = label === meshLabel ? textOf(bytes) : encodePayload(bytes)
        return send({ ...message, ...payload }, wantsAnswer)
      })
      return items[0] ?? send({ ...message, ...encodePayload([]), label: meshLabel }, false)
    }
    return transport
  }
}

const textOf = (bytes: Uint8Array<ArrayBuffer>) =>
  encodePayload(JSON.parse(new TextDecoder().decode(bytes)))

/** The frame in something that was sent; `null` if it is none that is forwarded. */
export const forwardedIn = ({ label, bytes }: Sent): RelayFrame | null => {
  const frame = label === relayLabel ? decodeRelayFrame(bytes) : null
  return frame?.isDelivery ? frame : null
}

export interface MiddleWorld extends FakeWorld {
  /** The features of each page, in the order of joining. */
  readonly features: readonly LazyFeatures[]
}

/** A world in which the first page that joins meddles with what it sends for others. */
export const middleWorld = (meddle: Meddle, seed = 1): MiddleWorld => {
  const features: LazyFeatures[] = []
  class Recorded extends LazyFeatures {
    constructor(options: LazyFeaturesOptions) {
      if (features.length === 0) meddleWith(options.mux, meddle)
      super(options, nodeSubtle())
      features.push(this)
    }
  }
  const world = fakeWorld(seed, () => Promise.resolve({ LazyFeatures: Recorded }))
  return { ...world, features }
}
