import type { Millis } from '@skein/protocol'
import { onAbortOrTimeout } from '../time/on-abort-or-timeout.ts'
import type { GatherOptions } from './gather.ts'

/** Connects two connections of this page without any server; `null` if they do not reach each other. */
export const connectDirectly = async ({
  RTCPeerConnection,
  clock,
  timeoutMs,
  signal,
}: GatherOptions): Promise<Millis | null> => {
  const startedAt = clock.now()
  const one = new RTCPeerConnection()
  const other = new RTCPeerConnection()
  let cancel = () => {}
  try {
    return await new Promise<Millis | null>((resolve) => {
      const give = (to: RTCPeerConnection) => (event: RTCPeerConnectionIceEvent) => {
        // Not every platform accepts the end of candidates.
        if (event.candidate?.candidate) to.addIceCandidate(event.candidate).catch(() => {})
      }
      one.onicecandidate = give(other)
      other.onicecandidate = give(one)
      other.ondatachannel = ({ channel }) => {
        channel.onopen = () => resolve(clock.now() - startedAt)
      }
      one.createDataChannel('direct')
      cancel = onAbortOrTimeout({ clock, signal, timeoutMs }, () => resolve(null))
      exchange(one, other).catch(() => resolve(null))
    })
  } finally {
    cancel()
    one.close()
    other.close()
  }
}

/** Explicit descriptions: node-datachannel cannot create them implicitly. */
const exchange = async (one: RTCPeerConnection, other: RTCPeerConnection): Promise<void> => {
  const offer = await one.createOffer()
  await one.setLocalDescription(offer)
  await other.setRemoteDescription(offer)
  const answer = await other.createAnswer()
  await other.setLocalDescription(answer)
  await one.setRemoteDescription(answer)
}
