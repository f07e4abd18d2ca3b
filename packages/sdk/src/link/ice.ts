import type { IceServer } from '@skein/protocol'

/** The configuration of a connection: the application's, and the servers of the welcome after its own. */
export const rtcConfiguration = (
  rtc: RTCConfiguration,
  iceServers: readonly IceServer[],
): RTCConfiguration => ({
  ...rtc,
  iceServers: [
    ...(rtc.iceServers ?? []),
    ...iceServers.map((server) => ({ ...server, urls: [server.urls].flat() })),
  ],
})
