import { defaultLimits, maxRoomNameBytes, type Presence } from '@skein/protocol'
import type { JoinOptions, Ports } from '../api.ts'
import { SkeinError } from '../errors.ts'

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
  const settings = {
    presence: null,
    token: null,
    canHost: true,
    priority: 0,
    timeoutMs: 15_000,
    maxMessageBytes: 256 * 1024 * 1024,
    topology: 'mesh' as const,
    rtc: {},
    ...options,
    ...ports(options),
  }
  const { url, room, timeoutMs, maxMessageBytes, topology } = settings
  const nameBytes = typeof room === 'string' ? utf8Length(room) : 0
  check(isSocketUrl(url), 'url: must be one of ws: or wss:')
  check(nameBytes > 0 && nameBytes <= maxRoomNameBytes, `room: 1 to ${maxRoomNameBytes} bytes`)
  check(!/\p{Cc}/u.test(room), 'room: must have no control characters')
  check(timeoutMs > 0, 'timeoutMs: must be above 0')
  check(maxMessageBytes >= 1, 'maxMessageBytes: must be at least 1')
  check(topology === 'mesh' || topology === 'star', "topology: 'mesh' or 'star'")
  checkSelf(settings)
  return settings
}

/** Throws `bad-argument` for what the server would refuse. */
export const checkSelf = ({ presence, canHost, priority }: Partial<Self>): void => {
  if (priority !== undefined) {
    const isInRange = Number.isInteger(priority) && priority >= 0 && priority <= 100
    check(isInRange, 'priority: an integer from 0 to 100')
  }
  check(canHost === undefined || typeof canHost === 'boolean', 'canHost: true or false')
  if (presence === undefined || presence === null) return
  const { maxPresenceBytes } = defaultLimits
  check(typeof presence === 'object' && !Array.isArray(presence), 'presence: an object or null')
  const isSmall = utf8Length(JSON.stringify(presence)) <= maxPresenceBytes
  check(isSmall, `presence: more than ${maxPresenceBytes} bytes of JSON`)
}

/** Looked up when a room is joined, not when the module is loaded: servers render pages too. */
const ports = (options: JoinOptions): Ports => {
  const PeerConnection = options.RTCPeerConnection ?? globalThis.RTCPeerConnection
  const Socket = options.WebSocket ?? globalThis.WebSocket
  check(!!PeerConnection, 'RTCPeerConnection: not in this runtime, so it must be an option')
  check(!!Socket, 'WebSocket: not in this runtime, so it must be an option')
  return { RTCPeerConnection: PeerConnection, WebSocket: Socket }
}

const isSocketUrl = (url: unknown): boolean =>
  typeof url === 'string' && URL.canParse(url) && /^wss?:$/.test(new URL(url).protocol)

const utf8Length = (text: string): number => new TextEncoder().encode(text).length

const check = (isValid: boolean, message: string): void => {
  if (!isValid) throw new SkeinError('bad-argument', { message })
}
