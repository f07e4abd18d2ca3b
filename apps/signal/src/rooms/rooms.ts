import { setImmediate } from 'node:timers'
import { type ConnectionId, type Millis, nodeOf } from '@skein/protocol'
import {
  createRoom,
  isEmpty,
  type Room,
  type RoomEffect,
  type RoomInput,
  type RoomPolicy,
  step,
} from '@skein/protocol/room'
import type { Nodes } from '../backbone/nodes/nodes.ts'
import type { Change, Commit, Store, StoreMoment } from '../backbone/store/store.ts'
import { type HostChanges, hostChangesIn } from '../telemetry/host-changes.ts'
import { errorFields, type Log } from '../telemetry/log.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import { answerToFailure, answerToNothing, undoingAll } from './failure-answers.ts'
import type { LocalConnections } from './local-connections.ts'
import { isArrival, type LocalRoom, look, newLocalRoom, type Queued } from './local-room.ts'
import { newRoomOptions } from './new-room-options.ts'
import { orphansOf, resyncOf } from './resync.ts'
import { asFarewell, dueIn, isHeldBy, isKeptHere, isNoNews } from './room-watch.ts'

export interface RoomsOptions {
  readonly store: Store
  readonly nodes: Nodes
  readonly connections: LocalConnections
  readonly policy: RoomPolicy
  /** How long a young store takes tokens of before for rooms that it does not know. */
  readonly acceptMs: Millis
  readonly retryMs: Millis
  /** How long news of another node may be missing before a room goes on without them. */
  readonly missingMs: Millis
  /** A draining server keeps its rooms as they are: the next one takes them over. */
  readonly isDraining: () => boolean
  readonly metrics: Metrics
  readonly log: Log
}

/** The rooms this node serves: the one caller of `step`. */
export class Rooms {
  readonly #options: RoomsOptions
  readonly #rooms = new Map<string, LocalRoom>()

  constructor(options: RoomsOptions) {
    this.#options = options
    options.store.subscribe((commit) => this.#committed(commit))
    options.nodes.subscribe({
      nodeLost: (node) => this.#nodeLost(node),
      updatesMissed: () => this.#lookAtAll(),
      evicted: () => options.connections.closeAll(),
    })
  }

  /** Hands an input to its room. Inputs that come together are stepped together. */
  dispatch(name: string, queued: Queued): void {
    // A server that is going away keeps its members where they are: the next one gathers them.
    if (this.#options.isDraining() && queued.input.type === 'lost') return
    const room = this.#rooms.get(name) ?? this.#open(name)
    room.queue.push(queued)
    this.#start(room)
  }

  /** The room as last committed: enough to route signals, which change nothing. */
  snapshot(name: string): Room | null {
    return this.#rooms.get(name)?.feed.snapshot ?? null
  }

  get size(): number {
    return this.#rooms.size
  }

  #open(name: string): LocalRoom {
    const room = newLocalRoom(name)
    this.#rooms.set(name, room)
    return room
  }

  #start(room: LocalRoom): void {
    if (room.isRunning) return
    room.isRunning = true
    // After all sockets that are readable now were read.
    setImmediate(() => void this.#run(room))
  }

  async #run(room: LocalRoom): Promise<void> {
    while (room.queue.length > 0) {
      const batch = room.queue
      room.queue = []
      try {
        await this.#commit(room, batch)
      } catch (error) {
        this.#fail(room, batch, error)
        return
      }
    }
    room.isRunning = false
    this.#settle(room)
  }

  async #commit(room: LocalRoom, batch: readonly Queued[]): Promise<void> {
    const startedAt = performance.now()
    const { outcome, now } = await this.#options.store.update({
      name: room.name,
      known: room.feed.known,
      change: (current, moment) => this.#fold(room.name, { current, batch, moment }),
    })
    this.#options.metrics.committed(performance.now() - startedAt, outcome)
    room.clockOffsetMs = now - performance.now()
    room.queue.unshift(...batch.slice(outcome.handled))
    if (outcome.unknownNodes.length > 0)
      await this.#options.nodes.checkLiveness(outcome.unknownNodes)
  }

  /** Pure but for the log: a store may run it again. */
  #fold(name: string, { current, batch, moment }: Fold): Change<Outcome> {
    const { nodes, metrics } = this.#options
    const startedAt = performance.now()
    const effects: RoomEffect[] = []
    const before = current === null ? null : this.#catchUp(current, { moment, effects })
    // Who is known to be dead is swept out before anyone comes in.
    const unknownNodes = before !== null && batch.some(isArrival) ? nodes.unknownNodes(before) : []
    const { room, handled } =
      unknownNodes.length > 0
        ? { room: before, handled: 0 }
        : this.#foldAll(name, { current: before, batch, moment, effects })
    metrics.stepTook(performance.now() - startedAt)
    return { room, effects, outcome: { handled, unknownNodes, ...hostChangesIn(effects) } }
  }

  #foldAll(name: string, { current, batch, moment, effects }: Fold & Pick<StepOptions, 'effects'>) {
    let room = current
    let handled = 0
    for (const { input, mayOpen } of batch) {
      handled += 1
      const found = room ?? (mayOpen ? this.#create(name, { moment, input }) : null)
      if (found === null) effects.push(...answerToNothing(input))
      else room = this.#step(found, { input, now: moment.now, effects })
      // A room that has emptied ends here: who comes next finds a new one, with a higher epoch.
      if (room !== null && isEmpty(room)) {
        room = null
        break
      }
    }
    return { room, handled }
  }

  /** What the room has missed: time without a store, a store that was replaced, nodes that died. */
  #catchUp(room: Room, { moment, effects }: Pick<StepOptions, 'effects'> & MomentOf): Room {
    const { nodes } = this.#options
    const inputs: RoomInput[] = []
    if (moment.awayUntil !== null) inputs.push({ type: 'extend-grace', until: moment.awayUntil })
    if (moment.isReplaced) inputs.push({ type: 'failover' })
    if (moment.lastKnownRoom !== null) {
      inputs.push({ type: 'merge-snapshot', node: nodes.self, lastKnownRoom: moment.lastKnownRoom })
    }
    for (const node of nodes.deadNodesIn(room)) inputs.push({ type: 'node-lost', node })
    const now = moment.now
    return inputs.reduce((last, input) => this.#step(last, { input, now, effects }), room)
  }

  #step(room: Room, { input, now, effects }: StepOptions): Room {
    try {
      const [next, more] = step(room, input, now)
      effects.push(...more)
      return next
    } catch (error) {
      this.#options.log.error({ ...errorFields(error), input: input.type }, 'room step failed')
      effects.push(...answerToFailure(input))
      return room
    }
  }

  #create(name: string, { moment, input }: MomentOf & Pick<StepOptions, 'input'>): Room {
    const { policy, acceptMs, store } = this.#options
    const { bornAt } = store.life
    return createRoom(newRoomOptions({ name, policy, moment, input, bornAt, acceptMs }))
  }

  /** Told by the store, of own changes and of those of other nodes. */
  #committed(commit: Commit): void {
    const room = this.#rooms.get(commit.name) ?? this.#open(commit.name)
    const { nodes, connections } = this.#options
    nodes.watchRoom(commit.room)
    const isNews = room.feed.snapshot === null
    for (const each of room.feed.accept(commit, { isAsking: room.isRunning })) {
      room.isOwn = each.isOwn
      // It goes on from what somebody remembered: everyone here is told all of it anew.
      if (each.base === null) room.isIncomplete = true
      const told = each.base === null ? each.effects.filter(isNoNews) : each.effects
      connections.effects(this.#options.isDraining() ? told.map(asFarewell) : told)
    }
    if (isNews) this.#giveUpOrphans(room)
    if (room.feed.isBehind) room.missing ??= this.#awaitMissing(room)
    this.#settle(room)
  }

  /** Nothing is on its way: mends what is to be mended, and waits for what is due. */
  #settle(room: LocalRoom): void {
    if (!room.isRunning && room.isIncomplete) this.#repair(room)
    if (!room.isRunning) this.#schedule(room)
  }

  /** A room that this node did not watch may know of sockets here that are gone. */
  #giveUpOrphans({ name, feed }: LocalRoom): void {
    const { nodes, connections } = this.#options
    const isHere = (connection: ConnectionId): boolean => nodeOf(connection) === nodes.self
    for (const input of orphansOf(feed.snapshot, { isHere, has: connections.has }))
      this.dispatch(name, { input, mayOpen: false })
  }

  #awaitMissing(room: LocalRoom): NodeJS.Timeout {
    const giveUp = (): void => {
      room.missing = undefined
      if (!room.feed.isBehind) return
      room.isIncomplete = true
      this.#settle(room)
    }
    return setTimeout(giveUp, this.#options.missingMs).unref()
  }

  /** News are lost: goes on from what is known to be so. */
  #repair(room: LocalRoom): void {
    const { connections, nodes, log } = this.#options
    room.isIncomplete = false
    connections.effects(room.feed.catchUp())
    const { effects, inputs } = resyncOf({
      room: room.feed.snapshot,
      attached: connections.attachedTo(room.name),
      isHere: (connection) => nodeOf(connection) === nodes.self,
    })
    log.debug({ effects: effects.length, inputs: inputs.length }, 'room resynced')
    connections.effects(effects)
    for (const input of inputs) this.dispatch(room.name, { input, mayOpen: false })
  }

  /**
   * Nobody knows whether anything was committed. Who waits for an answer is told to try again, and
   * what may have been done for them is undone; what must happen is tried again.
   */
  #fail(room: LocalRoom, batch: readonly Queued[], error: unknown): void {
    const { metrics, log, connections, retryMs } = this.#options
    metrics.storeFailed()
    const inputs = batch.map(({ input }) => input)
    const answers = inputs.flatMap(answerToFailure)
    // While the store is away every room that failed tries again each second, and says so once.
    if (answers.length > 0) log.error(errorFields(error), 'room change not stored')
    else log.debug(errorFields(error), 'room refresh failed')
    connections.effects(answers)
    const again = undoingAll(inputs)
    room.queue.unshift(...again.map((input) => ({ input, mayOpen: false })), look)
    setTimeout(() => void this.#run(room), retryMs).unref()
  }

  #nodeLost(node: string): void {
    for (const { name, feed } of this.#rooms.values()) {
      const isConcerned = feed.snapshot?.members.some(isHeldBy(node)) ?? false
      if (isConcerned) this.dispatch(name, { input: { type: 'node-lost', node }, mayOpen: false })
    }
  }

  #lookAtAll(): void {
    for (const name of this.#rooms.keys()) this.dispatch(name, look)
  }

  #schedule(room: LocalRoom): void {
    clearTimeout(room.timer)
    const { snapshot } = room.feed
    const { self } = this.#options.nodes
    if (!room.feed.isBehind && !isKeptHere(snapshot, { node: self, isOwn: room.isOwn })) {
      if (this.#rooms.get(room.name) === room) this.#rooms.delete(room.name)
      return
    }
    const delayMs = snapshot === null ? null : dueIn(snapshot, room.clockOffsetMs)
    if (delayMs === null) return
    room.timer = setTimeout(() => {
      // No time passes for the rooms of a server that is draining: nobody's grace ends there.
      if (!this.#options.isDraining()) this.dispatch(room.name, look)
    }, delayMs).unref()
  }
}

interface Outcome extends HostChanges {
  readonly handled: number
  readonly unknownNodes: readonly string[]
}
interface MomentOf {
  readonly moment: StoreMoment
}
interface Fold extends MomentOf {
  readonly current: Room | null
  readonly batch: readonly Queued[]
}
interface StepOptions {
  readonly input: RoomInput
  readonly now: Millis
  readonly effects: RoomEffect[]
}
