import { defaultLimits, type Result } from '@skein/protocol'
import { parseNetwork } from '../limits/networks.ts'
import { parseOriginRule } from '../limits/origins.ts'
import { type LogLevel, logLevels } from '../telemetry/log.ts'
import { type AuthSettings, jwksUrl, jwtKey } from './auth-settings.ts'
import * as read from './setting-readers.ts'

/** Everything an operator can set. `null` means not set. */
export interface Settings extends AuthSettings {
  readonly port: number
  /** `null`: all addresses, including IPv6 where available. */
  readonly host: string | null
  /** Directory of the built site; `null`: none. */
  readonly site: string | null
  /** Signs resume tokens, at least 32 bytes. `null`: the secret in the state directory. */
  readonly secret: string | null
  /**
   * Directory in which the server keeps a secret of its own if `secret` is not set. `null`: none, so
   * the secret ends with the process, and a restart loses all rooms.
   */
  readonly stateDir: string | null
  /** The Redis in which several nodes store their shared rooms. `null`: a single process. */
  readonly redisUrl: string | null
  /** Empty: any origin. */
  readonly origins: readonly string[]
  readonly stunUrls: readonly string[]
  readonly turnUrls: readonly string[]
  readonly turnSecret: string | null
  readonly turnTtlS: number
  readonly maxRoomMembers: number
  /** The highest priority of a member whose token does not name another. */
  readonly maxPriority: number
  readonly maxConnections: number
  readonly maxConnectionsPerIp: number
  readonly joinsPerMinutePerIp: number
  /** Addresses or networks of proxies whose forwarded header is trusted. */
  readonly trustProxy: readonly string[]
  readonly memberGraceMs: number
  readonly hostGraceMs: number
  readonly rebuildMs: number
  readonly metricsToken: string | null
  readonly logLevel: LogLevel
}

/** One setting. The environment, the flags, the help and the README are generated from it. */
export interface Setting<Value> {
  readonly env: string
  /** Stands for the value in the help. */
  readonly placeholder: string
  readonly fallback: Value
  readonly help: string
  /** The error completes the sentence "NAME must be …". */
  readonly read: (text: string) => Result<Value, string>
}

type Table = { readonly [Name in keyof Settings]: Setting<Settings[Name]> }

const hour = 3_600_000
const count = read.integer({ min: 1, max: 1_000_000 })
const duration = read.integer({ min: 0, max: hour })
const urls = (schemes: readonly string[]): Setting<readonly string[]>['read'] =>
  read.list(read.url(schemes))

export const settingTable: Table = {
  port: {
    env: 'PORT',
    placeholder: 'NUMBER',
    fallback: 8787,
    help: 'port to listen on; 0 picks a free port',
    read: read.integer({ min: 0, max: 65_535 }),
  },
  host: {
    env: 'HOST',
    placeholder: 'ADDRESS',
    fallback: null,
    help: 'address to listen on (default ::, or 0.0.0.0 without IPv6)',
    read: read.text,
  },
  site: {
    env: 'SKEIN_SITE',
    placeholder: 'DIRECTORY',
    fallback: null,
    help: 'directory of a built site to serve (default the demo; none to disable)',
    read: (text) => ({ ok: true, value: text === 'none' ? null : text }),
  },
  secret: {
    env: 'SKEIN_SECRET',
    placeholder: 'TEXT',
    fallback: null,
    help: 'signs resume tokens, at least 32 bytes (default one that the server creates and keeps)',
    read: read.longSecret,
  },
  stateDir: {
    env: 'SKEIN_STATE_DIR',
    placeholder: 'DIRECTORY',
    fallback: null,
    help: 'directory for that secret (default $STATE_DIRECTORY of systemd, else ~/.local/state/skein; none to disable)',
    read: (text) => ({ ok: true, value: text === 'none' ? null : text }),
  },
  auth: {
    env: 'SKEIN_AUTH',
    placeholder: 'open|token',
    fallback: 'open',
    help: 'who may join: open (everyone) or token (only with a JWT for the room)',
    read: read.oneOf(['open', 'token']),
  },
  jwtKey: {
    env: 'SKEIN_JWT_KEY',
    placeholder: 'TEXT',
    fallback: null,
    help: 'secret that signs the JWTs (HS256), at least 32 bytes',
    read: jwtKey,
  },
  jwksUrl: {
    env: 'SKEIN_JWKS_URL',
    placeholder: 'URL',
    fallback: null,
    help: 'URL of the public keys of the JWTs (RS256, PS256, ES256, EdDSA)',
    read: jwksUrl,
  },
  jwtAudience: {
    env: 'SKEIN_JWT_AUDIENCE',
    placeholder: 'TEXT',
    fallback: null,
    help: 'required "aud" claim of a JWT',
    read: read.text,
  },
  jwtIssuer: {
    env: 'SKEIN_JWT_ISSUER',
    placeholder: 'TEXT',
    fallback: null,
    help: 'required "iss" claim of a JWT (default any)',
    read: read.text,
  },
  redisUrl: {
    env: 'SKEIN_REDIS_URL',
    placeholder: 'URL',
    fallback: null,
    help: 'Redis or Valkey shared by several servers, such as redis://redis.example.org:6379',
    read: read.redisUrl,
  },
  origins: {
    env: 'SKEIN_ORIGINS',
    placeholder: 'LIST',
    fallback: [],
    help: 'origins of pages that may connect: https://example.org, *.example.org (default any)',
    read: read.list(parseOriginRule),
  },
  stunUrls: {
    env: 'SKEIN_STUN_URLS',
    placeholder: 'LIST',
    fallback: [],
    help: 'STUN servers for the clients, such as stun:stun.example.org:3478',
    read: urls(['stun', 'stuns']),
  },
  turnUrls: {
    env: 'SKEIN_TURN_URLS',
    placeholder: 'LIST',
    fallback: [],
    help: 'TURN servers for the clients, such as turn:turn.example.org:3478',
    read: urls(['turn', 'turns']),
  },
  turnSecret: {
    env: 'SKEIN_TURN_SECRET',
    placeholder: 'TEXT',
    fallback: null,
    help: 'secret shared with the TURN servers (static-auth-secret in coturn)',
    read: read.text,
  },
  turnTtlS: {
    env: 'SKEIN_TURN_TTL_S',
    placeholder: 'SECONDS',
    fallback: 600,
    help: 'lifetime of a TURN credential, in seconds',
    read: read.integer({ min: 30, max: 86_400 }),
  },
  maxRoomMembers: {
    env: 'SKEIN_MAX_ROOM_MEMBERS',
    placeholder: 'NUMBER',
    fallback: defaultLimits.maxMembers,
    help: 'maximum members of a room',
    read: read.integer({ min: 1, max: 1_000 }),
  },
  maxPriority: {
    env: 'SKEIN_MAX_PRIORITY',
    placeholder: 'NUMBER',
    fallback: 100,
    help: 'highest priority that a member may claim, 0 to 100; the "priority" of a JWT may allow another',
    read: read.integer({ min: 0, max: 100 }),
  },
  maxConnections: {
    env: 'SKEIN_MAX_CONNECTIONS',
    placeholder: 'NUMBER',
    fallback: 20_000,
    help: 'maximum concurrent connections',
    read: count,
  },
  maxConnectionsPerIp: {
    env: 'SKEIN_MAX_CONNECTIONS_PER_IP',
    placeholder: 'NUMBER',
    fallback: 500,
    help: 'maximum concurrent connections from one address (IPv6: one /64; loopback is not counted)',
    read: count,
  },
  joinsPerMinutePerIp: {
    env: 'SKEIN_JOINS_PER_MINUTE_PER_IP',
    placeholder: 'NUMBER',
    fallback: 600,
    help: 'maximum joins per minute from one address',
    read: count,
  },
  trustProxy: {
    env: 'SKEIN_TRUST_PROXY',
    placeholder: 'LIST',
    fallback: [],
    help: 'proxies (addresses or networks) whose X-Forwarded-For or Forwarded header is trusted',
    read: read.list(parseNetwork),
  },
  memberGraceMs: {
    env: 'SKEIN_MEMBER_GRACE_MS',
    placeholder: 'MILLISECONDS',
    fallback: defaultLimits.memberGraceMs,
    help: 'how long a disconnected member stays in its room',
    read: duration,
  },
  hostGraceMs: {
    env: 'SKEIN_HOST_GRACE_MS',
    placeholder: 'MILLISECONDS',
    fallback: defaultLimits.hostGraceMs,
    help: 'how long a disconnected host stays host',
    read: duration,
  },
  rebuildMs: {
    env: 'SKEIN_REBUILD_MS',
    placeholder: 'MILLISECONDS',
    fallback: 5_000,
    help: 'how long a restarted server waits for the members of a room to resume',
    read: duration,
  },
  metricsToken: {
    env: 'SKEIN_METRICS_TOKEN',
    placeholder: 'TEXT',
    fallback: null,
    help: 'bearer token required for /metrics (default none: only this machine can read it)',
    read: read.text,
  },
  logLevel: {
    env: 'SKEIN_LOG_LEVEL',
    placeholder: 'LEVEL',
    fallback: 'info',
    help: `minimum level to log: ${logLevels.join(', ')}`,
    read: read.oneOf(logLevels),
  },
}

/** Every setting at its default. */
export const defaultSettings = (): Settings => ({
  port: settingTable.port.fallback,
  host: settingTable.host.fallback,
  site: settingTable.site.fallback,
  secret: settingTable.secret.fallback,
  stateDir: settingTable.stateDir.fallback,
  auth: settingTable.auth.fallback,
  jwtKey: settingTable.jwtKey.fallback,
  jwksUrl: settingTable.jwksUrl.fallback,
  jwtAudience: settingTable.jwtAudience.fallback,
  jwtIssuer: settingTable.jwtIssuer.fallback,
  redisUrl: settingTable.redisUrl.fallback,
  origins: settingTable.origins.fallback,
  stunUrls: settingTable.stunUrls.fallback,
  turnUrls: settingTable.turnUrls.fallback,
  turnSecret: settingTable.turnSecret.fallback,
  turnTtlS: settingTable.turnTtlS.fallback,
  maxRoomMembers: settingTable.maxRoomMembers.fallback,
  maxPriority: settingTable.maxPriority.fallback,
  maxConnections: settingTable.maxConnections.fallback,
  maxConnectionsPerIp: settingTable.maxConnectionsPerIp.fallback,
  joinsPerMinutePerIp: settingTable.joinsPerMinutePerIp.fallback,
  trustProxy: settingTable.trustProxy.fallback,
  memberGraceMs: settingTable.memberGraceMs.fallback,
  hostGraceMs: settingTable.hostGraceMs.fallback,
  rebuildMs: settingTable.rebuildMs.fallback,
  metricsToken: settingTable.metricsToken.fallback,
  logLevel: settingTable.logLevel.fallback,
})
