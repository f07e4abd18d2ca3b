import { maxPresenceBytes, maxRoomNameBytes } from '@skein/protocol'
import type { JoinOptions, Ports } from '../api.ts'
import { SkeinError } from '../base/errors.ts'
import { withoutNullish } from '../base/json.ts'
import { utf8 } from '../core/bytes.ts'
import type { MemberInfo } from '../signaling/signaling.ts'

/** The options of `joinRoom`, checked and complete. */
export type Settings = Ports &
  MemberInfo &
  Pick<JoinOptions, 'url' | 'room' | 'rejoin' | 'log' | 'signal'> & {
    readonly token: Exclude<JoinOptions['token'], undefined> | null
    readonly timeoutMs: number
    readonly maxMessageBytes: number
    readonly topology: 'mesh' | 'star'
    readonly rtc: RTCConfiguration
    readonly canRelay: boolean
  }

/** Fills in the defaults. Throws `bad-argument` for an invalid option, and names it. */
export const readOptions = (options: JoinOptions): Settings => {
  const settings: Settings = {
    // Required: an empty value does not pass the check.
    url: '',
    room: '',
    presence: null,
    token: null,
    canHost: true,
    canRelay: true,
    priority: 0,
    timeoutMs: 15_000,
    maxMessageBytes: 64 * 1024 * 1024,
    topology: 'mesh',
    rtc: {},
    // Read when a room is joined, not when the module is loaded: servers render pages too.
    RTCPeerConnection: globalThis.RTCPeerConnection,
    WebSocket: globalThis.WebSocket,
    ...withoutNullish(options),
  }
  check(settings)
  return settings
}

/** Throws `bad-argument` for values that the server would reject. */
export const checkMemberInfo = (info: Partial<MemberInfo>): void => check(withoutNullish(info))

const check = (values: object): void => {
  for (const [name, value] of Object.entries(values)) {
    const [requirement, isMet] = rules[name] ?? []
    let cause: unknown
    try {
      if (!isMet || isMet(value, values)) continue
    } catch (error) {
      // As `JSON.stringify` throws for a circle and a BigInt.
      cause = error
    }
    throw new SkeinError('bad-argument', { message: `${name} must be ${requirement}`, cause })
  }
}

/** What a value must be, and whether it is. A method type, so that each rule names its own type. */
type Rule = readonly [
  requirement: string,
  isMet: { of(value: unknown, all: object): boolean }['of'],
]

const integer = (min: number, max: number): Rule => [
  `an integer from ${min} to ${max}`,
  (value: number) => Number.isInteger(value) && value >= min && value <= max,
]

const oneOf = (...values: readonly unknown[]): Rule => [
  values.join(' or '),
  (value: unknown) => values.includes(value),
]

const port: Rule = ['given', Boolean]

const rules: Readonly<Record<string, Rule>> = {
  url: ['a ws: or wss: URL', (url: string) => /^wss?:/i.test(url) && URL.canParse(url)],
  room: [
    `1 to ${maxRoomNameBytes} bytes without control characters`,
    (room: unknown) =>
      typeof room === 'string' && /^\P{Cc}+$/u.test(room) && utf8(room).length <= maxRoomNameBytes,
  ],
  presence: [
    `null or an object of up to ${maxPresenceBytes} bytes of JSON`,
    (presence: unknown) =>
      typeof presence === 'object' &&
      !Array.isArray(presence) &&
      utf8(JSON.stringify(presence)).length <= maxPresenceBytes,
  ],
  canHost: oneOf(true, false),
  canRelay: oneOf(true, false),
  priority: integer(0, 100),
  // A timer of more than 31 bits fires at once.
  timeoutMs: integer(1, 2 ** 31 - 1),
  // What one `send` can carry.
  maxMessageBytes: integer(1, 2 ** 30),
  rejoin: oneOf('session'),
  topology: oneOf('mesh', 'star'),
  rtc: [
    'what RTCPeerConnection accepts',
    // Later, the platform would refuse it again for each link.
    (rtc: RTCConfiguration, { RTCPeerConnection }: Ports) => {
      if (RTCPeerConnection && Object.keys(rtc).length > 0) new RTCPeerConnection(rtc).close()
      return true
    },
  ],
  RTCPeerConnection: port,
  WebSocket: port,
}
