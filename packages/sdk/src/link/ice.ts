import type { IceServer } from '@skein/protocol'

/** The configuration of a connection: the application's, and the servers of the welcome after its own. */
export const rtcConfiguration = (
  rtc: RTCConfiguration,
  iceServers: readonly IceServer[],
): RTCConfiguration =>
  // The platform's type does not say that its lists are only read; `assign` does not ask.
  Object.assign({}, rtc, { iceServers: [...(rtc.iceServers ?? []), ...iceServers] })
