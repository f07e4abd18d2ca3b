import { maxPresenceBytes, maxRoomNameBytes, type Presence } from '@skein/protocol'
import type { JoinOptions, Ports } from '../api.ts'
import { SkeinError } from '../base/errors.ts'
import { withoutNullish } from '../base/json.ts'
import { utf8 } from '../core/bytes.ts'

/** The options of `joinRoom`, checked and with every default in place. */
export type Settings = Ports &
  Pick<JoinOptions, 'url' | 'room' | 'signal'> & {
    readonly presence: Presence | null
    readonly token: Exclude<JoinOptions['token'], undefined> | null
    readonly canHost: boolean
    readonly priority: number
    readonly timeoutMs: number
    readonly maxMessageBytes: number
    readonly topology: 'mesh' | 'star'
    readonly rtc: RTCConfiguration
  }

/** What a member says of itself. */
export type Self = Pick<Settings, 'presence' | 'canHost' | 'priority'>

/** Throws `bad-argument`, naming the option, for what cannot work. */
export const readOptions = (options: JoinOptions): Settings => {
  const settings: Settings = {
    url: options.url,
    room: options.room,
    presence: null,
    token: null,
    canHost: true,
    priority: 0,
    timeoutMs: 15_000,
    maxMessageBytes: 256 * 1024 * 1024,
    topology: 'mesh',
    rtc: {},
    // Looked up when a room is joined, not when the module is loaded: servers render pages too.
    RTCPeerConnection: globalThis.RTCPeerConnection,
    WebSocket: globalThis.WebSocket,
    ...withoutNullish(options),
  }
  check(settings)
  return settings
}

/** Throws `bad-argument` for what the server would refuse. */
export const checkSelf = (self: Partial<Self>): void => check(withoutNullish(self))

const check = (values: object): void => {
  for (const [name, value] of Object.entries(values)) {
    const [words, isMet] = rules[name] ?? []
    if (isMet && !isMet(value)) {
      throw new SkeinError('bad-argument', { message: `${name}: ${words}` })
    }
  }
}

/** What is allowed, in words, and whether a value is. As a method, so that each names its type. */
type Rule = readonly [words: string, isMet: { of(value: unknown): boolean }['of']]

const integer = (min: number, max: number): Rule => [
  `integer, ${min} to ${max}`,
  (value: number) => Number.isInteger(value) && value >= min && value <= max,
]

const port: Rule = ['missing', Boolean]

const rules: Readonly<Record<string, Rule>> = {
  url: ['ws: or wss:', (url: string) => /^wss?:/i.test(url) && URL.canParse(url)],
  room: [
    `1 to ${maxRoomNameBytes} bytes, no control characters`,
    (room: unknown) =>
      typeof room === 'string' && /^\P{Cc}+$/u.test(room) && utf8(room).length <= maxRoomNameBytes,
  ],
  presence: [
    `object or null, up to ${maxPresenceBytes} bytes`,
    (presence: unknown) =>
      typeof presence === 'object' &&
      !Array.isArray(presence) &&
      utf8(JSON.stringify(presence)).length <= maxPresenceBytes,
  ],
  canHost: ['true or false', (canHost: unknown) => typeof canHost === 'boolean'],
  priority: integer(0, 100),
  // A timer of more than 31 bits fires at once.
  timeoutMs: integer(1, 2 ** 31 - 1),
  maxMessageBytes: integer(1, 2 ** 53 - 1),
  topology: ['mesh or star', (topology: unknown) => topology === 'mesh' || topology === 'star'],
  RTCPeerConnection: port,
  WebSocket: port,
}
