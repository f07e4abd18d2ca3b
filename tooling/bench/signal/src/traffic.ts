/** Signals of a connection as browsers write them: ten candidates for each offer. */
export interface Signal {
  readonly kind: 'candidate' | 'offer'
  readonly content: object
}

/** About 200 bytes as a message. */
const candidate: Signal = {
  kind: 'candidate',
  content: {
    candidate: 'candidate:842163049 1 udp 1677729535 203.0.113.7 46154 typ srflx',
    sdpMid: '0',
    sdpMLineIndex: 0,
  },
}

const lines = Array.from({ length: 64 }, (_, n) => `a=rtpmap:${96 + n} opus/48000/2;x="${n}"`)
const session = `v=0\r\no=- 4611731400430051336 2 IN IP4 127.0.0.1\r\n${lines.join('\r\n')}\r\n`

/** About 3 KB. */
const offer: Signal = {
  kind: 'offer',
  content: { type: 'offer', sdp: session.padEnd(2_750, 'a=x\r\n') },
}

export const traffic: readonly Signal[] = [...Array.from({ length: 10 }, () => candidate), offer]
