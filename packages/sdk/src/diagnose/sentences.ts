/** How much a finding matters: something does not work, may not work, or is good to know. */
export type Level = 'error' | 'warning' | 'info'

/** Says which sentence it is: for translations, and to act on it. */
export type SentenceCode =
  | 'offline'
  | 'no-candidates'
  | 'relay-without-turn'
  | 'turn-unauthorized'
  | 'turn-refused'
  | 'server-invalid'
  | 'turn-no-answer'
  | 'stun-no-answer'
  | 'udp-blocked'
  | 'both-symmetric'
  | 'both-symmetric-via'
  | 'no-path'
  | 'no-path-via'
  | 'no-path-with-turn'
  | 'via'
  | 'local-network-prompt'
  | 'local-network-denied'
  | 'hidden-addresses'
  | 'no-answer'
  | 'closed-by-peer'
  | 'link-failed'
  | 'link-lost'
  | 'link-repairing'
  | 'link-connecting'
  | 'peer-away'
  | 'signaling-away'
  | 'signaling-away-alone'
  | 'room-closed'
  | 'unstable'
  | 'relayed-tcp'
  | 'relayed'
  | 'no-servers'
  | 'alone'
  | 'all-open'
  | 'websocket-ok'
  | 'websocket-blocked'
  | 'websocket-failed'
  | 'join-failed'
  | 'stun-ok'
  | 'turn-udp-ok'
  | 'turn-tcp-ok'
  | 'turn-tls-ok'
  | 'direct-ok'
  | 'direct-failed'
  | 'direct-unsupported'
  | 'not-set'
  | 'servers-unknown'

const all: Readonly<Record<SentenceCode, readonly [level: Level, text: string]>> = {
  offline: ['error', 'This device is offline.'],
  'no-candidates': [
    'error',
    'The browser offers no network address: there is no network, or its settings forbid WebRTC.',
  ],
  'relay-without-turn': [
    'error',
    'Only relayed paths are allowed (iceTransportPolicy is "relay"), but no TURN server is set.',
  ],
  'turn-unauthorized': ['error', 'The TURN server {url} refuses the credentials (401).'],
  'turn-refused': ['error', 'The TURN server {url} does not relay: {text} ({code}).'],
  'server-invalid': ['error', 'The browser refuses the server {url}: {text}'],
  'turn-no-answer': ['error', 'The TURN server {url} does not answer.'],
  'stun-no-answer': ['warning', 'The STUN server {url} does not answer.'],
  'udp-blocked': ['warning', 'UDP is blocked here.'],
  'both-symmetric': [
    'error',
    'You and {peer} are both behind symmetric NATs and no TURN server is set.',
  ],
  'both-symmetric-via': [
    'warning',
    'You and {peer} are both behind symmetric NATs and no TURN server is set: messages go through {via}.',
  ],
  'no-path': ['error', 'No path between you and {peer} was found, and no TURN server is set.'],
  'no-path-via': [
    'warning',
    'No path between you and {peer} was found, and no TURN server is set: messages go through {via}.',
  ],
  'no-path-with-turn': [
    'error',
    'No path between you and {peer} was found, not even through TURN.',
  ],
  via: ['warning', 'Messages between you and {peer} go through {via}.'],
  'local-network-prompt': [
    'error',
    'You and {peer} are in the same local network. The browser may wait for you to allow access to it.',
  ],
  'local-network-denied': [
    'error',
    'You and {peer} are in the same local network, but this page may not access it.',
  ],
  'hidden-addresses': [
    'info',
    'The browser hides its local addresses behind mDNS names, which {peer} may be unable to resolve.',
  ],
  'no-answer': ['error', '{peer} does not answer.'],
  'closed-by-peer': ['error', '{peer} has closed the link.'],
  'link-failed': ['error', 'The link to {peer} has failed: {reason}'],
  'link-lost': ['error', 'The path to {peer} was lost {seconds} s ago.'],
  'link-repairing': ['warning', 'The link to {peer} is being repaired, for {seconds} s now.'],
  'link-connecting': ['info', 'The link to {peer} is being opened, for {seconds} s now.'],
  'peer-away': ['warning', '{peer} has lost the server {link}.'],
  'signaling-away': ['warning', 'Signaling has been away for {seconds} s; links are not affected.'],
  'signaling-away-alone': ['error', 'Signaling has been away for {seconds} s.'],
  'room-closed': ['info', 'The room is closed.'],
  unstable: ['warning', 'The path to {peer} broke {count} times in the last {minutes} min.'],
  'relayed-tcp': [
    'info',
    'The link to {peer} goes through a TURN server over TCP, which adds delay where packets are lost.',
  ],
  relayed: ['info', 'The link to {peer} goes through a TURN server.'],
  'no-servers': [
    'info',
    'No STUN or TURN server is set: only peers in the same network can be reached.',
  ],
  alone: ['info', 'Nobody else is in the room.'],
  'all-open': ['info', 'Signaling is connected, and every link is open.'],

  'websocket-ok': ['info', 'The server answers over WebSocket.'],
  'websocket-blocked': [
    'error',
    'The server answers over HTTP, but no WebSocket opens: a proxy or firewall may block them.',
  ],
  'websocket-failed': ['error', 'The server cannot be reached.'],
  'join-failed': ['error', 'The server does not let this page in: {text}'],
  'stun-ok': ['info', 'A STUN server answers: other networks can be reached over UDP.'],
  'turn-udp-ok': ['info', 'A TURN server relays over UDP.'],
  'turn-tcp-ok': ['info', 'A TURN server relays over TCP.'],
  'turn-tls-ok': ['info', 'A TURN server relays over TLS.'],
  'direct-ok': ['info', 'Two connections in this page reach each other.'],
  'direct-failed': ['error', 'Two connections in this page do not reach each other.'],
  'direct-unsupported': ['error', 'This browser has no WebRTC.'],
  'not-set': ['info', 'No such server is set.'],
  'servers-unknown': ['info', 'No ICE servers were given: pass them, or a room to join.'],
}

/**
 * Every sentence of `diagnose` and `check`, by code. Words in braces stand for names and numbers.
 * @see docs/troubleshooting.md
 */
export const sentences: Readonly<
  Record<SentenceCode, { readonly level: Level; readonly text: string }>
> = Object.fromEntries(
  Object.entries(all).map(([code, [level, text]]) => [code, { level, text }]),
  // `fromEntries` forgets which keys there are.
) as Record<SentenceCode, { level: Level; text: string }>

/** What stands in a sentence for the words in braces. */
export type Words = Readonly<Record<string, string | number>>

/** The sentence with these words in place of those in braces. */
export const write = (code: SentenceCode, words: Words = {}): string =>
  sentences[code].text.replace(/\{(\w+)\}/g, (_, name: string) => String(words[name] ?? ''))
