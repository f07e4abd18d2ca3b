import type { KickMessage, PeerId, SkeinErrorCode, TransferHostMessage } from '@skein/protocol'
import type { CallOptions, JsonValue, Room } from '../api.ts'
import { SkeinError } from '../base/errors.ts'
import type { ChannelMux, ChannelMuxOptions } from '../channel/channel-mux.ts'
import type { RoomView } from '../channel/check-term.ts'
import { sendToHost } from '../channel/send-to-host.ts'
import { readPath } from '../link/stats.ts'
import type { Subtle } from '../mesh/keyring.ts'
import { Mesh, type MeshOptions } from '../mesh/mesh.ts'
import { type AnyHandler, Rpc } from '../rpc/rpc.ts'
import type { SignalingClient } from '../signaling/signaling.ts'
import type { Clock } from '../time/clock.ts'
import { throwIfAborted } from '../time/on-abort-or-timeout.ts'
import { UnreliableChannels } from '../transport/unreliable-channels.ts'
import { watchHostLink } from './check-host.ts'
import { HostTasks, type HostTasksOptions } from './host-tasks.ts'
import type { Links } from './links.ts'
import { localNetworkPermission } from './local-network.ts'
import type { HostTask, Registration } from './registration.ts'
import { Requests } from './requests.ts'

export { localNetworkPermission }

export interface LazyFeaturesOptions extends HostTasksOptions, Pick<MeshOptions, 'canRelay'> {
  readonly mux: ChannelMux
  readonly clock: Clock
  readonly view: () => RoomView
  readonly signaling: Pick<SignalingClient, 'send' | 'isOnline'>
  readonly links: Pick<Links, 'get' | 'all' | 'receive'>
  /** What `handle` and `asHost` have registered; the room adds and removes entries. */
  readonly registrations: ReadonlySet<Registration>
}

const requestTimeoutMs = 10_000

/** What a page that joins and chats does not need: a chunk of its own, loaded on first use. */
export class LazyFeatures {
  readonly readPath: typeof readPath = readPath
  readonly unreliableChannels = (
    ...args: ConstructorParameters<typeof UnreliableChannels>
  ): UnreliableChannels => new UnreliableChannels(...args)
  readonly mesh: Mesh
  readonly #options: LazyFeaturesOptions
  readonly #rpc: Rpc
  readonly #tasks: HostTasks
  readonly #handlers = new Map<string, AnyHandler>()
  readonly #transfers = new Requests()
  readonly #kicks = new Requests()
  #permission: Promise<PermissionStatus | null> | null = null

  /** Pages without HTTPS have no WebCrypto. */
  constructor(options: LazyFeaturesOptions, subtle: Subtle | null = webCrypto()) {
    const { room, onError, mux, clock, view } = options
    this.#options = options
    this.mesh = new Mesh({ ...options, subtle })
    this.#rpc = new Rpc({ mux, clock, view, handlers: this.#handlers })
    this.#tasks = new HostTasks({ room, onError })
    watchHostLink(options)
    room.on('peerleave', ({ peer }) => {
      this.#rpc.gone(peer.id)
      this.#kicks.settle((id) => (id === peer.id ? null : undefined))
    })
    room.on('peerupdate', ({ peer, previous }) => {
      // This peer has a new id: the others know nothing of its earlier calls, nor of theirs to it.
      if (peer.id !== previous.id) for (const id of room.peers.keys()) this.#rpc.gone(id)
      if (peer.online === previous.online) return
      const link = options.links.get(peer.id)
      // Its socket is lost, or it has a new one: check whether its link works.
      link?.probe()
      if (peer.online) link?.peerIsBack()
    })
    room.on('hostchange', ({ host, previous }) => {
      this.update()
      this.#reportTerm(previous)
      this.#transfers.settle((to) => (to === host ? null : 'not-host'))
    })
    room.on('statuschange', ({ status }) => {
      if (status === 'closed') this.#close()
    })
    this.update()
  }

  /** The server rejected a request. */
  rejectRequest(about: 'transfer-host' | 'kick', code: SkeinErrorCode): void {
    const requests = about === 'kick' ? this.#kicks : this.#transfers
    requests.rejectFirst(code)
  }

  /** Whether the user may yet allow access to the local network; when they do, links retry. */
  async isHeldBack(): Promise<boolean> {
    this.#permission ??= localNetworkPermission()
    const permission = await this.#permission
    if (!permission) return false
    permission.onchange = () => {
      if (permission.state !== 'granted') return
      for (const link of this.#options.links.all()) link.retry()
    }
    return permission.state === 'prompt'
  }

  /** After an outage, the members of a room have to be back within seconds of each other. */
  reachedServer(): void {
    for (const id of this.#options.room.peers.keys()) this.#sendControl(id, ['server'])
  }

  /** A host that has lost the server learns from any message that there is a newer host term. */
  #reportTerm(previousHost: PeerId | null): void {
    if (previousHost) this.#sendControl(previousHost, ['term'])
  }

  #sendControl(peer: PeerId, message: JsonValue): void {
    const { mux } = this.#options
    const transport = mux.transport(peer)
    if (transport) mux.sendControl(transport, message)
  }

  /** Applies changes of the registrations or of the host term. */
  update(): void {
    const tasks = new Set<HostTask>()
    this.#handlers.clear()
    for (const entry of this.#options.registrations) {
      if ('task' in entry) tasks.add(entry)
      else this.#handlers.set(entry.name, (args, context) => entry.handler(args as never, context))
    }
    this.#tasks.update(tasks)
  }

  readonly call = async <Reply>(
    ...[to, name, args = null, options = {}]: Parameters<Room['call']>
  ): Promise<Reply> =>
    // The application declares the type of the reply: only it can know.
    (await this.#rpc.call({ to, name, args }, options)) as Reply

  readonly callAll = async <Reply>(
    ...[name, args, { to, ...options } = {}]: Parameters<Room['callAll']>
  ): Promise<ReadonlyMap<PeerId, PromiseSettledResult<Reply>>> => {
    const { room } = this.#options
    this.#checkUse(options)
    const calls = [...new Set(to ?? room.peers.keys())].map(async (peer) => {
      const [result] = await Promise.allSettled([this.call<Reply>(peer, name, args, options)])
      return [peer, result] as const
    })
    return new Map(await Promise.all(calls))
  }

  readonly transferHost = async (to: PeerId, options: CallOptions = {}): Promise<void> => {
    const { room } = this.#options
    this.#checkUse(options)
    if (!room.isHost) throw new SkeinError('not-host')
    if (to !== room.self.id) {
      await this.#request(this.#transfers, { type: 'transfer-host', to }, options)
    }
  }

  readonly kick = async (
    ...[id, { reason, ...options } = {}]: Parameters<Room['kick']>
  ): Promise<void> => {
    this.#checkUse(options)
    await this.#request(this.#kicks, { type: 'kick', id, reason: reason ?? null }, options)
  }

  readonly toHost: ChannelMuxOptions['toHost'] = (channel, message, options) => {
    const { mux, view, clock } = this.#options
    const { ack = false, signal, timeoutMs } = options
    return sendToHost({ mux, view, clock, channel, message, ack, signal, timeoutMs })
  }

  #checkUse({ signal }: CallOptions): void {
    throwIfAborted(signal)
    if (this.#options.room.status === 'closed') throw new SkeinError('closed')
  }

  /** Sends a request that concerns one peer; resolves when the server reports the change. */
  async #request(
    requests: Requests,
    message: TransferHostMessage | KickMessage,
    { signal, timeoutMs = requestTimeoutMs }: CallOptions,
  ): Promise<void> {
    const { room, signaling, clock } = this.#options
    const to = 'to' in message ? message.to : message.id
    if (!room.peers.has(to)) throw new SkeinError('peer-not-found')
    if (!signaling.send(message)) throw new SkeinError('connect-failed')
    await requests.start({ to, clock, signal, timeoutMs })
  }

  #close(): void {
    this.update()
    for (const requests of [this.#transfers, this.#kicks]) requests.settle(() => 'closed')
    this.#rpc.close()
    void this.#permission?.then((permission) => {
      if (permission) permission.onchange = null
    })
  }
}

const webCrypto = (): Subtle | null => globalThis.crypto?.subtle ?? null
