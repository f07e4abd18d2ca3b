import { maxPresenceBytes, maxRoomNameBytes, type Presence } from '@skein/protocol'
import type { JoinOptions, Ports } from '../api.ts'
import { SkeinError } from '../errors.ts'
import { isObject, present } from '../json.ts'

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
    ...present(options),
  }
  check(settings)
  return settings
}

/** Throws `bad-argument` for what the server would refuse. */
export const checkSelf = (self: Partial<Self>): void => check(present(self))

const check = (values: object): void => {
  for (const [name, value] of Object.entries(values)) {
    const rule = rules[name]
    if (rule && !rule.isMet(value)) {
      throw new SkeinError('bad-argument', { message: `${name}: ${rule.words}` })
    }
  }
}

interface Rule {
  readonly words: string
  /** As a method, so that each may name the type that it looks at. */
  isMet(value: unknown): boolean
}

const byteLength = (text: string): number => new TextEncoder().encode(text).length

const port: Rule = { words: 'not in this runtime, so it must be an option', isMet: Boolean }

const rules: Readonly<Record<string, Rule>> = {
  url: {
    words: 'must be one of ws: or wss:',
    isMet: (url: string) => /^wss?:/i.test(url) && URL.canParse(url),
  },
  room: {
    words: `1 to ${maxRoomNameBytes} bytes, no control characters`,
    isMet: (room: unknown) =>
      typeof room === 'string' && /^\P{Cc}+$/u.test(room) && byteLength(room) <= maxRoomNameBytes,
  },
  presence: {
    words: `null, or an object of up to ${maxPresenceBytes} bytes of JSON`,
    isMet: (presence: unknown) =>
      presence === null ||
      (isObject(presence) &&
        !Array.isArray(presence) &&
        byteLength(JSON.stringify(presence)) <= maxPresenceBytes),
  },
  canHost: { words: 'true or false', isMet: (canHost) => typeof canHost === 'boolean' },
  priority: {
    words: 'an integer from 0 to 100',
    isMet: (priority: number) => Number.isInteger(priority) && priority >= 0 && priority <= 100,
  },
  timeoutMs: { words: 'must be above 0', isMet: (ms: number) => ms > 0 },
  maxMessageBytes: { words: 'must be at least 1', isMet: (bytes: number) => bytes >= 1 },
  topology: {
    words: "'mesh' or 'star'",
    isMet: (topology) => topology === 'mesh' || topology === 'star',
  },
  RTCPeerConnection: port,
  WebSocket: port,
}
