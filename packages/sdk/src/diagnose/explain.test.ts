import { peerId } from '@skein/protocol'
import { expect, test } from 'vitest'
import { explain, type Facts, type LinkFacts } from './explain.ts'
import type { NetworkReport, ServerKind, ServerResult } from './report.ts'

const server = (kind: ServerKind, result: ServerResult, url: string = kind) => ({
  url,
  kind,
  result,
  ms: null,
  error: null,
})

const link = (part: Partial<LinkFacts> = {}): LinkFacts => ({
  peer: peerId('ann'),
  name: 'Ann',
  state: 'open',
  path: 'direct',
  via: null,
  reason: null,
  rttMs: 20,
  brokenForMs: null,
  pair: null,
  sentBytesPerSecond: null,
  receivedBytesPerSecond: null,
  history: [],
  viaName: '',
  isPeerOnline: true,
  isPeerSymmetric: false,
  isSameNetwork: false,
  hidesAddresses: false,
  breaks: 0,
  minutes: 1,
  ...part,
})

const network = (part: Partial<NetworkReport> = {}): NetworkReport => ({
  isOnline: true,
  localNetwork: null,
  policy: 'all',
  servers: [server('stun', 'ok')],
  nat: 'unknown',
  hasCandidates: true,
  ...part,
})

const facts = (part: Partial<Facts> = {}): Facts => ({
  signaling: { state: 'connected', forMs: 60_000, url: 'wss://example.org/ws', rttMs: 30 },
  network: network(),
  links: [link()],
  ...part,
})

const sentencesOf = (part: Partial<Facts>) => explain(facts(part)).map(({ sentence }) => sentence)

const noPath = 'No path to the peer: a TURN server may be needed.'
const failed = (part: Partial<LinkFacts> = {}) =>
  link({ state: 'failed', path: null, reason: noPath, brokenForMs: 20_000, ...part })

test('a room where all is well says so', () => {
  expect(sentencesOf({})).toEqual(['Signaling is connected, and every link is open.'])
  expect(sentencesOf({ links: [] })).toEqual(['Nobody else is in the room.'])
})

test('two symmetric NATs without TURN are told, and who carries the messages', () => {
  const symmetric = network({ nat: 'symmetric' })
  const links = [failed({ isPeerSymmetric: true })]
  expect(sentencesOf({ network: symmetric, links })).toEqual([
    'You and Ann are both behind symmetric NATs and no TURN server is set.',
  ])
  const via = link({ path: 'via', via: peerId('ben'), viaName: 'Ben', isPeerSymmetric: true })
  expect(sentencesOf({ network: symmetric, links: [via] })).toEqual([
    'You and Ann are both behind symmetric NATs and no TURN server is set: messages go through Ben.',
  ])
})

test('without proof of symmetric NATs only the missing path is told', () => {
  expect(sentencesOf({ links: [failed()] })).toEqual([
    'No path between you and Ann was found, and no TURN server is set.',
  ])
})

test('a TURN server that refuses the credentials is told before anything else', () => {
  const servers = [server('turn-udp', 'unauthorized', 'turn:example.org')]
  const [first] = sentencesOf({ network: network({ servers }), links: [failed()] })
  expect(first).toBe('The TURN server turn:example.org refuses the credentials (401).')
})

test('UDP is blocked if only TCP gets an answer', () => {
  const silent = [server('stun', 'no-answer'), server('turn-udp', 'no-answer')]
  const isTold = (...servers: Parameters<typeof explain>[0]['network']['servers']) =>
    sentencesOf({ network: network({ servers }) }).includes('UDP is blocked here.')
  expect(isTold(...silent, server('turn-tcp', 'ok'))).toBe(true)
  expect(isTold(...silent, server('turn-tls', 'unauthorized'))).toBe(true)
  expect(isTold(...silent, server('turn-tcp', 'no-answer'))).toBe(false)
  expect(isTold(server('stun', 'ok'), server('turn-tcp', 'ok'))).toBe(false)
})

test('signaling that is away does not touch open links', () => {
  const signaling = { ...facts().signaling, state: 'degraded' as const, forMs: 40_400 }
  expect(sentencesOf({ signaling })).toEqual([
    'Signaling has been away for 40 s; links are not affected.',
  ])
  expect(sentencesOf({ signaling, links: [] })).toEqual(['Signaling has been away for 40 s.'])
})

test('relay alone without a TURN server can never work', () => {
  expect(sentencesOf({ network: network({ policy: 'relay' }), links: [] })[0]).toBe(
    'Only relayed paths are allowed (iceTransportPolicy is "relay"), but no TURN server is set.',
  )
})

test('a browser without addresses, and a device that is offline', () => {
  expect(sentencesOf({ network: network({ hasCandidates: false }), links: [] })[0]).toBe(
    'The browser offers no network address: there is no network, or its settings forbid WebRTC.',
  )
  const offline = network({ isOnline: false, hasCandidates: false })
  expect(sentencesOf({ network: offline, links: [] })).toEqual(['This device is offline.'])
})

test.for([
  ['prompt', 'The browser may wait for you to allow access to it.'],
  ['denied', 'this page may not access it.'],
] as const)('a failed link in the same local network, permission %s', ([permission, text]) => {
  const local = network({ localNetwork: permission })
  const [first] = sentencesOf({ network: local, links: [failed({ isSameNetwork: true })] })
  expect(first).toContain('You and Ann are in the same local network')
  expect(first).toContain(text)
  // The state `prompt` alone proves nothing: browsers that never ask have it too.
  expect(sentencesOf({ network: local, links: [failed()] })[0]).toContain('No path between')
  expect(sentencesOf({ network: local, links: [link({ isSameNetwork: true })] })).toEqual([
    'Signaling is connected, and every link is open.',
  ])
})

test('hidden local addresses are a hint where no path was found', () => {
  expect(sentencesOf({ links: [failed({ hidesAddresses: true })] })[1]).toBe(
    'The browser hides its local addresses behind mDNS names, which Ann may be unable to resolve.',
  )
})

test.for([
  ['The peer closed the link.', 'Ann has closed the link.'],
  ['The peer did not answer.', 'Ann does not answer.'],
  ['The path to the peer was lost.', 'The path to Ann was lost 20 s ago.'],
  ['Protocol error: x.', 'The link to Ann has failed: Protocol error: x.'],
] as const)('a link that failed with %o', ([reason, sentence]) => {
  expect(sentencesOf({ links: [failed({ reason })] })).toEqual([sentence])
})

test('a relayed link says so, and over TCP why that matters', () => {
  const end = { type: 'relay', protocol: 'udp', address: null, port: null }
  const pair = (relayProtocol: string) => ({
    local: { ...end, relayProtocol },
    remote: { ...end, relayProtocol: null },
    words: '',
  })
  const said = (relayProtocol: string) =>
    sentencesOf({ links: [link({ path: 'relay', pair: pair(relayProtocol) })] })
  expect(said('udp')[0]).toBe('The link to Ann goes through a TURN server.')
  expect(said('tcp')[0]).toContain('over TCP')
})

test('a path that keeps breaking is told', () => {
  expect(sentencesOf({ links: [link({ breaks: 4, minutes: 3 })] })).toEqual([
    'The path to Ann broke 4 times in the last 3 min.',
  ])
})

test('findings name the peer and the words, for translations', () => {
  expect(explain(facts({ links: [failed()] }))).toEqual([
    {
      code: 'no-path',
      level: 'error',
      peer: 'ann',
      words: { peer: 'Ann' },
      sentence: 'No path between you and Ann was found, and no TURN server is set.',
    },
  ])
})

test('no sentence leaves a word in braces', () => {
  const servers = (['stun', 'turn-udp'] as const).flatMap((kind) =>
    (['unauthorized', 'refused', 'no-answer', 'invalid'] as const).map((result) => ({
      ...server(kind, result),
      error: { code: 486, text: 'Quota' },
    })),
  )
  const links = [failed(), link({ isPeerOnline: false }), link({ state: 'repairing' })]
  for (const sentence of sentencesOf({ network: network({ servers }), links })) {
    expect(sentence).not.toMatch(/[{}]|undefined|null/)
  }
})
