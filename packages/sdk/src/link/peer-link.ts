import type { LinkStatus } from '../api.ts'
import { type Connection, createConnection } from './connection.ts'
import { rtcConfiguration } from './ice.ts'
import { linkLimits } from './limits.ts'
import type { Carrier, LinkOptions, PeerLink } from './link.ts'
import { type Liveness, watchLiveness } from './liveness.ts'
import type { NegotiationMessage } from './negotiation.ts'
import { readPath } from './stats.ts'

/**
 * Where the link is on its ladder: `idle` is healthy, `waiting` for ICE's own recovery or for the
 * other's call, `restarting` ICE, `replacing` the connection, `failed` for now.
 */
type Step = 'idle' | 'waiting' | 'restarting' | 'replacing' | 'failed'

/** Opens by itself; `options.observer` hears how it goes. */
export const createPeerLink = (options: LinkOptions): PeerLink => {
  const { clock, isPolite, observer, random, rtc } = options
  let iceServers = options.iceServers
  let status: LinkStatus = { state: 'connecting', path: null, rttMs: null, reason: null }
  let step: Step = 'waiting'
  let connection: Connection | null = null
  let liveness: Liveness | null = null
  let replacements = 0
  let isClosed = false
  let wasOpen = false
  let cancelStep = () => {}
  let cancelStats = () => {}
  let lastPing = { id: 0, at: 0 }
  /** Ids of the other's connections that were replaced: what still arrives of them is dropped. */
  const retired: string[] = []

  /** In order, and never inside a call to the link. */
  const tell = (task: () => void) =>
    queueMicrotask(() => {
      if (!isClosed) task()
    })
  const setStatus = (change: Partial<LinkStatus>) => {
    const previous = status
    const next = { ...status, reason: null, ...change }
    if (JSON.stringify(next) === JSON.stringify(previous)) return
    status = next
    tell(() => observer.statusChanged(next, previous))
  }
  const arm = (delayMs: number) => {
    cancelStep()
    cancelStep = clock.after(delayMs + (isPolite ? 0 : linkLimits.deferMs), escalate)
  }

  const escalate = () => {
    if (step === 'failed') replacements = linkLimits.replacements - 1
    if (step === 'waiting' && connection?.canRestart && connection.main?.isOpen) {
      step = 'restarting'
      connection.restartIce()
      arm(linkLimits.restartMs)
    } else if (replacements < linkLimits.replacements) {
      replacements += 1
      connect().offer()
    } else fail(reason())
  }
  const trouble = (delayMs: number) => {
    if (step !== 'idle') return
    step = 'waiting'
    setStatus({ state: 'repairing', path: null })
    arm(delayMs)
  }
  const recovered = () => {
    if (!connection?.main?.isOpen || step === 'idle') return
    step = 'idle'
    replacements = 0
    cancelStep()
    setStatus({ state: 'open' })
    watchPath()
  }
  const reason = () => {
    if (wasOpen) return 'The path to the peer was lost and could not be repaired.'
    return connection?.isAnswered
      ? 'No path between the two networks was found; a relay (TURN server) may be needed.'
      : 'The peer did not answer.'
  }
  const fail = (words: string) => {
    step = 'failed'
    drop()
    setStatus({ state: 'failed', path: null, reason: words })
    arm(linkLimits.retryMs)
  }

  /** Lets go of the connection that is. */
  const drop = (how?: { bye: boolean }) => {
    liveness?.stop()
    liveness = null
    cancelStats()
    cancelStep()
    if (!connection) return
    if (connection.remote) retired.push(connection.remote)
    if (retired.length > 16) retired.shift()
    const hadOpened = connection === opened
    connection.close(how)
    connection = null
    if (hadOpened) tell(() => observer.interrupted())
  }
  let opened: Connection | null = null
  const connect = (): Connection => {
    drop()
    step = 'replacing'
    setStatus({ state: wasOpen ? 'repairing' : 'connecting', path: null })
    arm(linkLimits.connectMs)
    const made = createConnection({
      RTCPeerConnection: options.RTCPeerConnection,
      configuration: rtcConfiguration(rtc, iceServers),
      isPolite,
      clock,
      local: newId(random),
      events: {
        signal: (data) => tell(() => observer.signal(data)),
        opened: (main) => onOpened(made, main),
        lost: () => trouble(linkLimits.repairWaitMs),
        heard: () => {
          liveness?.heard()
          if (made.peerConnection.connectionState === 'connected') recovered()
        },
        frame: (label, frame) => tell(() => observer.frame(label, frame)),
        control: onControl,
        stateChanged: onStateChanged,
        replace: (offer) => replaceFor(offer, made),
        isHealthy: () => step === 'idle',
      },
    })
    connection = made
    return made
  }
  /** Where a connection cannot roll back, a new one takes its place. */
  const replaceFor = (offer: NegotiationMessage | null, old: Connection) => {
    const { remote } = old
    if (!offer) return connect().offer()
    // The other's connection stays: it is this side alone that starts anew.
    old.remote = null
    const made = connect()
    made.remote = remote
    made.receive(offer)
  }
  const onOpened = (made: Connection, main: Carrier) => {
    opened = made
    wasOpen = true
    liveness = watchLiveness({ clock, ping, silent: () => trouble(linkLimits.repairWaitMs) })
    tell(() => observer.opened(main))
    recovered()
    ping()
  }
  const onStateChanged = (state: RTCPeerConnectionState) => {
    if (state === 'connected') {
      liveness?.heard()
      recovered()
    } else if (state === 'disconnected') trouble(linkLimits.repairWaitMs)
    else if (state === 'failed') {
      trouble(0)
      if (step !== 'failed') arm(0)
    }
  }
  const ping = () => {
    lastPing = { id: lastPing.id + 1, at: clock.now() }
    connection?.send({ type: 'ping', id: lastPing.id })
  }
  const onControl = (message: { type: 'ping' | 'pong'; id: number } | { type: 'bye' }) => {
    if (message.type === 'ping') connection?.send({ type: 'pong', id: message.id })
    else if (message.type === 'pong' && message.id === lastPing.id) measured(clock.now() - lastPing.at)
    else if (message.type === 'bye') {
      fail('The peer closed the link.')
      cancelStep()
    }
  }
  /** Smoothed, and told only when it differs by what matters to people. */
  const measured = (sampleMs: number) => {
    const known = status.rttMs ?? sampleMs
    const rttMs = Math.round((known + (sampleMs - known) / 4) * 10) / 10
    if (status.rttMs === null || Math.abs(rttMs - known) > 1 + known / 5) setStatus({ rttMs })
  }
  const watchPath = () => {
    cancelStats()
    cancelStats = clock.after(linkLimits.statsMs, watchPath)
    const made = connection
    if (made)
      readPath(made.peerConnection).then(
        (path) => made === connection && step === 'idle' && setStatus({ path }),
        () => {}, // Closed meanwhile.
      )
  }

  if (isPolite) tell(() => connection || escalate())
  arm(linkLimits.firstOfferMs)
  return {
    get status() {
      return status
    },
    receive: ({ link, ...message }) => {
      const isStale = link.remote !== null && link.remote !== connection?.local
      if (isClosed || isStale || retired.includes(link.local)) return
      const known = connection?.remote ?? link.local
      const isOther = known !== link.local && (link.remote === null || connection?.isAnswered)
      const current = connection && !isOther ? connection : connect()
      current.remote = link.local
      current.receive(message)
    },
    carrier: (carrierOptions) =>
      !isClosed && connection?.main?.isOpen ? connection.carrier(carrierOptions) : null,
    setIceServers: (servers) => {
      iceServers = servers
      if (!connection) return
      connection.peerConnection.setConfiguration(rtcConfiguration(rtc, servers))
      if (status.path === 'relay' && connection.canRestart) connection.restartIce()
    },
    probe: () => {
      if (isClosed) return
      if (step === 'idle') liveness?.probe()
      else if (step !== 'replacing') {
        cancelStep()
        escalate()
      }
    },
    close: () => {
      if (isClosed) return
      drop({ bye: true })
      isClosed = true
    },
  }
}

const newId = (random: () => number): string =>
  [random(), random()].map((part) => Math.floor(part * 2 ** 48).toString(36)).join('')
