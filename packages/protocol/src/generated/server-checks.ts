// Generated from schema/ by `pnpm generate`: edit it there.

const pattern1 = /^[A-Za-z0-9_-]{1,64}$/u

const isPresence = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isMember = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  'id' in value &&
  'joinOrder' in value &&
  'presence' in value &&
  'canHost' in value &&
  'priority' in value &&
  'online' in value &&
  typeof value.id === 'string' &&
  pattern1.test(value.id) &&
  typeof value.joinOrder === 'number' &&
  Number.isInteger(value.joinOrder) &&
  value.joinOrder >= 0 &&
  (isPresence(value.presence) || value.presence === null) &&
  typeof value.canHost === 'boolean' &&
  typeof value.priority === 'number' &&
  Number.isInteger(value.priority) &&
  value.priority >= 0 &&
  value.priority <= 100 &&
  typeof value.online === 'boolean'

const isIceServer = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  'urls' in value &&
  (typeof value.urls === 'string' ||
    (Array.isArray(value.urls) && value.urls.every((unique_0) => typeof unique_0 === 'string'))) &&
  (!('username' in value) || typeof value.username === 'string') &&
  (!('credential' in value) || typeof value.credential === 'string')

const isIceCandidate = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  (!('candidate' in value) || typeof value.candidate === 'string') &&
  (!('sdpMid' in value) || typeof value.sdpMid === 'string' || value.sdpMid === null) &&
  (!('sdpMLineIndex' in value) ||
    (typeof value.sdpMLineIndex === 'number' &&
      Number.isInteger(value.sdpMLineIndex) &&
      value.sdpMLineIndex >= 0 &&
      value.sdpMLineIndex <= 65535) ||
    value.sdpMLineIndex === null) &&
  (!('usernameFragment' in value) ||
    typeof value.usernameFragment === 'string' ||
    value.usernameFragment === null)

const isSessionDescription = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  'type' in value &&
  'sdp' in value &&
  (value.type === 'offer' ||
    value.type === 'answer' ||
    value.type === 'pranswer' ||
    value.type === 'rollback') &&
  typeof value.sdp === 'string'

const isLinkIds = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  'local' in value &&
  'remote' in value &&
  typeof value.local === 'string' &&
  (typeof value.remote === 'string' || value.remote === null)

const isSignalData = (value: unknown): boolean =>
  (typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    'link' in value &&
    'type' in value &&
    'description' in value &&
    isLinkIds(value.link) &&
    value.type === 'description' &&
    isSessionDescription(value.description)) ||
  (typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    'link' in value &&
    'type' in value &&
    'candidate' in value &&
    isLinkIds(value.link) &&
    value.type === 'candidate' &&
    (isIceCandidate(value.candidate) || value.candidate === null) &&
    (!('key' in value) || typeof value.key === 'string'))

const isLimits = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  'maxFrameBytes' in value &&
  'maxPresenceBytes' in value &&
  'maxMembers' in value &&
  'signalsPerSecond' in value &&
  'signalsBurst' in value &&
  'updatesPerSecond' in value &&
  'updatesBurst' in value &&
  'memberGraceMs' in value &&
  'hostGraceMs' in value &&
  'reloadGraceMs' in value &&
  typeof value.maxFrameBytes === 'number' &&
  Number.isInteger(value.maxFrameBytes) &&
  value.maxFrameBytes >= 0 &&
  typeof value.maxPresenceBytes === 'number' &&
  Number.isInteger(value.maxPresenceBytes) &&
  value.maxPresenceBytes >= 0 &&
  typeof value.maxMembers === 'number' &&
  Number.isInteger(value.maxMembers) &&
  value.maxMembers >= 0 &&
  typeof value.signalsPerSecond === 'number' &&
  value.signalsPerSecond >= 0 &&
  typeof value.signalsBurst === 'number' &&
  value.signalsBurst >= 0 &&
  typeof value.updatesPerSecond === 'number' &&
  value.updatesPerSecond >= 0 &&
  typeof value.updatesBurst === 'number' &&
  value.updatesBurst >= 0 &&
  typeof value.memberGraceMs === 'number' &&
  Number.isInteger(value.memberGraceMs) &&
  value.memberGraceMs >= 0 &&
  typeof value.hostGraceMs === 'number' &&
  Number.isInteger(value.hostGraceMs) &&
  value.hostGraceMs >= 0 &&
  typeof value.reloadGraceMs === 'number' &&
  Number.isInteger(value.reloadGraceMs) &&
  value.reloadGraceMs >= 0

const isLeaveReason = (value: unknown): boolean =>
  value === 'left' || value === 'timeout' || value === 'kicked'

const isHostReason = (value: unknown): boolean =>
  value === 'first' ||
  value === 'left' ||
  value === 'timeout' ||
  value === 'transfer' ||
  value === 'ineligible' ||
  value === 'eligible' ||
  value === 'kicked' ||
  value === 'failover'

const isWelcomeMessage = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  'type' in value &&
  'v' in value &&
  'self' in value &&
  'room' in value &&
  'epoch' in value &&
  'revision' in value &&
  'term' in value &&
  'host' in value &&
  'peers' in value &&
  'resume' in value &&
  'resumed' in value &&
  'iceServers' in value &&
  'limits' in value &&
  value.type === 'welcome' &&
  value.v === 1 &&
  isMember(value.self) &&
  typeof value.room === 'string' &&
  typeof value.epoch === 'number' &&
  Number.isInteger(value.epoch) &&
  value.epoch >= 0 &&
  typeof value.revision === 'number' &&
  Number.isInteger(value.revision) &&
  value.revision >= 0 &&
  typeof value.term === 'number' &&
  Number.isInteger(value.term) &&
  value.term >= 0 &&
  ((typeof value.host === 'string' && pattern1.test(value.host)) || value.host === null) &&
  Array.isArray(value.peers) &&
  value.peers.every((unique_0) => isMember(unique_0)) &&
  typeof value.resume === 'string' &&
  typeof value.resumed === 'boolean' &&
  Array.isArray(value.iceServers) &&
  value.iceServers.every((unique_1) => isIceServer(unique_1)) &&
  isLimits(value.limits)

const isPeerJoinedMessage = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  'type' in value &&
  'revision' in value &&
  'peer' in value &&
  value.type === 'peer-joined' &&
  typeof value.revision === 'number' &&
  Number.isInteger(value.revision) &&
  value.revision >= 0 &&
  isMember(value.peer)

const isPeerLeftMessage = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  'type' in value &&
  'revision' in value &&
  'id' in value &&
  'reason' in value &&
  value.type === 'peer-left' &&
  typeof value.revision === 'number' &&
  Number.isInteger(value.revision) &&
  value.revision >= 0 &&
  typeof value.id === 'string' &&
  pattern1.test(value.id) &&
  isLeaveReason(value.reason)

const isPeerUpdatedMessage = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  'type' in value &&
  'revision' in value &&
  'peer' in value &&
  value.type === 'peer-updated' &&
  typeof value.revision === 'number' &&
  Number.isInteger(value.revision) &&
  value.revision >= 0 &&
  isMember(value.peer)

const isHostMessage = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  'type' in value &&
  'revision' in value &&
  'term' in value &&
  'host' in value &&
  'previous' in value &&
  'reason' in value &&
  value.type === 'host' &&
  typeof value.revision === 'number' &&
  Number.isInteger(value.revision) &&
  value.revision >= 0 &&
  typeof value.term === 'number' &&
  Number.isInteger(value.term) &&
  value.term >= 0 &&
  ((typeof value.host === 'string' && pattern1.test(value.host)) || value.host === null) &&
  ((typeof value.previous === 'string' && pattern1.test(value.previous)) ||
    value.previous === null) &&
  isHostReason(value.reason)

const isResumeMessage = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  'type' in value &&
  'resume' in value &&
  value.type === 'resume' &&
  typeof value.resume === 'string'

const isServerSignalMessage = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  'type' in value &&
  'from' in value &&
  'data' in value &&
  value.type === 'signal' &&
  typeof value.from === 'string' &&
  pattern1.test(value.from) &&
  isSignalData(value.data)

const isIceServersMessage = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  'type' in value &&
  'iceServers' in value &&
  value.type === 'ice-servers' &&
  Array.isArray(value.iceServers) &&
  value.iceServers.every((unique_0) => isIceServer(unique_0))

const isServerPingMessage = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  'type' in value &&
  'id' in value &&
  value.type === 'ping' &&
  typeof value.id === 'number' &&
  Number.isInteger(value.id)

const isPongMessage = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  'type' in value &&
  'id' in value &&
  value.type === 'pong' &&
  typeof value.id === 'number' &&
  Number.isInteger(value.id)

const isGoawayMessage = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  'type' in value &&
  'reason' in value &&
  'reconnectWithinMs' in value &&
  value.type === 'goaway' &&
  typeof value.reason === 'string' &&
  typeof value.reconnectWithinMs === 'number' &&
  Number.isInteger(value.reconnectWithinMs) &&
  value.reconnectWithinMs >= 0

const isErrorMessage = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  'type' in value &&
  'code' in value &&
  'message' in value &&
  'retryable' in value &&
  'retryAfterMs' in value &&
  'about' in value &&
  value.type === 'error' &&
  typeof value.code === 'string' &&
  typeof value.message === 'string' &&
  typeof value.retryable === 'boolean' &&
  ((typeof value.retryAfterMs === 'number' &&
    Number.isInteger(value.retryAfterMs) &&
    value.retryAfterMs >= 0) ||
    value.retryAfterMs === null) &&
  (typeof value.about === 'string' || value.about === null)

/** Whether a value is a valid message of that `type`. */
export const checks: Readonly<
  Record<
    | 'welcome'
    | 'peer-joined'
    | 'peer-left'
    | 'peer-updated'
    | 'host'
    | 'resume'
    | 'signal'
    | 'ice-servers'
    | 'ping'
    | 'pong'
    | 'goaway'
    | 'error',
    (value: unknown) => boolean
  >
> = {
  welcome: isWelcomeMessage,
  'peer-joined': isPeerJoinedMessage,
  'peer-left': isPeerLeftMessage,
  'peer-updated': isPeerUpdatedMessage,
  host: isHostMessage,
  resume: isResumeMessage,
  signal: isServerSignalMessage,
  'ice-servers': isIceServersMessage,
  ping: isServerPingMessage,
  pong: isPongMessage,
  goaway: isGoawayMessage,
  error: isErrorMessage,
}
