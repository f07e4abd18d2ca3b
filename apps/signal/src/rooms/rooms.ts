import { type ConnectionId, type Millis, nodeOf } from '@skein/protocol'
import {
  createRoom,
  isEmpty,
  type Room,
  type RoomEffect,
  type RoomInput,
  type RoomPolicy,
  resendWelcome,
  step,
} from '@skein/protocol/room'
import type { Nodes } from '../backbone/nodes/nodes.ts'
import type { Change, Commit, Store, StoreMoment } from '../backbone/store/store.ts'
import { type HostChanges, hostChangesIn } from '../telemetry/host-changes.ts'
import { errorFields, type Log } from '../telemetry/log.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { Timers } from '../time/timers.ts'
import { compensatingInputs, replyToFailure, replyToMissingRoom } from './failure-replies.ts'
import type { LocalConnections } from './local-connections.ts'
import {
  isJoinOrResume,
  type LocalRoom,
  newLocalRoom,
  type QueuedInput,
  tick,
} from './local-room.ts'
import { newRoomOptions } from './new-room-options.ts'
import { planResync, unreportedLosses } from './resync.ts'
import {
  isConnectedTo,
  isSelfContained,
  msUntilTick,
  mustTrack,
  withoutSuperseded,
} from './room-watch.ts'

export interface RoomsOptions {
  readonly store: Store
  readonly nodes: Nodes
  readonly connections: LocalConnections
  readonly policy: RoomPolicy
  /**
   * How long after its start a store accepts resume tokens of an earlier life for unknown rooms.
   */
  readonly rebuildWindowMs: Millis
  readonly retryMs: Millis
  /** How long to wait for missing commits of other nodes before a resync. */
  readonly maxGapMs: Millis
  /** A draining server leaves its rooms as they are, for the next server to take over. */
  readonly isDraining: () => boolean
  readonly timers: Timers
  readonly metrics: Metrics
  readonly log: Log
}

/** The rooms of this node. Only this class calls `step`. */
export class Rooms {
  readonly #options: RoomsOptions
  readonly #rooms = new Map<string, LocalRoom>()
  #stalledUntil: Millis = Number.NEGATIVE_INFINITY

  constructor(options: RoomsOptions) {
    this.#options = options
    options.store.subscribe((commit) => this.#onCommit(commit))
    options.nodes.subscribe({
      nodeLost: (node) => this.#onNodeLost(node),
      updatesMissed: () => this.#tickAll(),
      evicted: () => options.connections.closeAll(),
    })
  }

  /** Queues an input for its room. Inputs that arrive together are stepped together. */
  dispatch(name: string, queued: QueuedInput): void {
    // Members of a draining server stay members until they have resumed on the next one.
    if (this.#options.isDraining() && isAbsence(queued.input)) return
    const room = this.#rooms.get(name) ?? this.#add(name)
    room.queue.push(queued)
    this.#start(room)
  }

  /** This process stood still until now: members that tried to resume meanwhile are not gone. */
  noteStall(): void {
    this.#stalledUntil = this.#options.timers.now()
  }

  /** The room as of the last commit. Signals are routed by it, because they change nothing. */
  snapshot(name: string): Room | null {
    return this.#rooms.get(name)?.commits.snapshot ?? null
  }

  get size(): number {
    return this.#rooms.size
  }

  #add(name: string): LocalRoom {
    const room = newLocalRoom(name)
    this.#rooms.set(name, room)
    return room
  }

  #start(room: LocalRoom): void {
    if (room.isRunning) return
    room.isRunning = true
    // Runs after every socket that is readable now has been read.
    this.#options.timers.soon(() => void this.#run(room))
  }

  async #run(room: LocalRoom): Promise<void> {
    while (room.queue.length > 0) {
      const batch = room.queue
      room.queue = []
      try {
        await this.#commit(room, batch)
      } catch (error) {
        this.#onCommitFailed(room, batch, error)
        return
      }
    }
    room.isRunning = false
    this.#resyncOrSchedule(room)
  }

  async #commit(room: LocalRoom, batch: readonly QueuedInput[]): Promise<void> {
    const startedAt = performance.now()
    const { outcome, now } = await this.#options.store.update({
      name: room.name,
      known: room.commits.newest,
      change: (current, moment) => this.#applyBatch(room.name, { current, batch, moment }),
    })
    this.#options.metrics.committed(performance.now() - startedAt, outcome)
    room.clockOffsetMs = now - this.#options.timers.now()
    room.queue.unshift(...batch.slice(outcome.handled))
    if (outcome.unknownNodes.length > 0)
      await this.#options.nodes.checkLiveness(outcome.unknownNodes)
  }

  /** Pure except for logs and metrics: a store may run it again. */
  #applyBatch(name: string, { current, batch, moment }: Batch): Change<Outcome> {
    const { nodes, metrics } = this.#options
    const startedAt = performance.now()
    const effects: RoomEffect[] = []
    const before = current === null ? null : this.#applyMissedEvents(current, { moment, effects })
    // Before anyone joins, members of dead nodes are removed, so unknown nodes are checked first.
    const mustCheckNodes = before !== null && batch.some(isJoinOrResume)
    const unknownNodes = mustCheckNodes ? nodes.unknownNodes(before) : []
    const { room, handled } =
      unknownNodes.length > 0
        ? { room: before, handled: 0 }
        : this.#applyInputs(name, { current: before, batch, moment, effects })
    metrics.stepTook(performance.now() - startedAt)
    return { room, effects, outcome: { handled, unknownNodes, ...hostChangesIn(effects) } }
  }

  #applyInputs(
    name: string,
    { current, batch, moment, effects }: Batch & Pick<StepOptions, 'effects'>,
  ) {
    let room = current
    let handled = 0
    for (const { input, mayCreate } of batch) {
      handled += 1
      const target = room ?? (mayCreate ? this.#create(name, { moment, input }) : null)
      if (target === null) effects.push(...replyToMissingRoom(input))
      else room = this.#step(target, { input: withEpoch(input, moment), now: moment.now, effects })
      // An empty room ends here: the next join creates a new one, with a higher epoch.
      if (room !== null && isEmpty(room)) {
        room = null
        break
      }
    }
    return { room, handled }
  }

  /** Steps what happened outside the room: outages, stalls, a replaced store, and dead nodes. */
  #applyMissedEvents(
    room: Room,
    { moment, effects }: Pick<StepOptions, 'effects'> & WithMoment,
  ): Room {
    const { nodes } = this.#options
    const inputs: RoomInput[] = []
    const until = Math.max(moment.awayUntil ?? Number.NEGATIVE_INFINITY, this.#awakeSince(moment))
    if (Number.isFinite(until)) inputs.push({ type: 'extend-grace', until })
    if (moment.isReplaced) inputs.push({ type: 'failover' })
    if (moment.lastKnownRoom !== null) {
      inputs.push({ type: 'merge-snapshot', node: nodes.self, lastKnownRoom: moment.lastKnownRoom })
    }
    for (const node of nodes.deadNodesIn(room)) inputs.push({ type: 'node-lost', node })
    const now = moment.now
    return inputs.reduce((last, input) => this.#step(last, { input, now, effects }), room)
  }

  /** By the store's clock: the end of the last stall of this process. */
  #awakeSince({ now }: StoreMoment): Millis {
    return now - (this.#options.timers.now() - this.#stalledUntil)
  }

  #step(room: Room, { input, now, effects }: StepOptions): Room {
    try {
      const [next, more] = step(room, input, now)
      effects.push(...more)
      return next
    } catch (error) {
      this.#options.log.error({ ...errorFields(error), input: input.type }, 'room step failed')
      effects.push(...replyToFailure(input))
      return room
    }
  }

  #create(name: string, { moment, input }: WithMoment & Pick<StepOptions, 'input'>): Room {
    const { policy, rebuildWindowMs, store } = this.#options
    const { bornAt, mayHaveForked } = store.life
    return createRoom(
      newRoomOptions({ name, policy, moment, input, bornAt, rebuildWindowMs, mayHaveForked }),
    )
  }

  /** Handles a commit of this node or another. */
  #onCommit(commit: Commit): void {
    const room = this.#rooms.get(commit.name) ?? this.#add(commit.name)
    const { nodes, connections } = this.#options
    nodes.watchRoom(commit.room)
    const isFirst = room.commits.snapshot === null
    for (const each of room.commits.accept(commit, { isCommitting: room.isRunning })) {
      room.isLastCommitOwn = each.isOwn
      if (each.base === null) room.needsResync = true
      const effects = each.base === null ? this.#restartFrom(each) : each.effects
      const isDraining = this.#options.isDraining()
      connections.applyEffects(isDraining ? effects.map(withoutSuperseded) : effects)
    }
    if (isFirst) this.#reportLosses(room)
    if (room.commits.hasGap) room.cancelGapTimer ??= this.#startGapTimer(room)
    this.#resyncOrSchedule(room)
  }

  /**
   * Members here may have missed changes before a commit that stands alone, so each gets a welcome
   * with it, before any later commit: also those that the committing node took for up to date.
   */
  #restartFrom({ name, room, effects }: Commit): readonly RoomEffect[] {
    const attached = this.#options.connections.attachmentsTo(name)
    const here = new Set(attached.map(({ connection }) => connection))
    const welcomes = room === null ? [] : resendWelcome(room, (connection) => here.has(connection))
    const others = effects.filter((effect) => isSelfContained(effect) && effect.type !== 'welcome')
    return [...welcomes, ...others]
  }

  /** While no commit is running: resyncs the room if necessary and waits for its next deadline. */
  #resyncOrSchedule(room: LocalRoom): void {
    if (!room.isRunning && room.needsResync) this.#resync(room)
    if (!room.isRunning) this.#scheduleTick(room)
  }

  /** A room that this node has not tracked may list connections of this node that are gone. */
  #reportLosses({ name, commits }: LocalRoom): void {
    const { nodes, connections } = this.#options
    const isHere = (connection: ConnectionId): boolean => nodeOf(connection) === nodes.self
    for (const input of unreportedLosses(commits.snapshot, { isHere, has: connections.has }))
      this.dispatch(name, { input, mayCreate: false })
  }

  #startGapTimer(room: LocalRoom): () => void {
    const giveUp = (): void => {
      room.cancelGapTimer = null
      if (!room.commits.hasGap) return
      room.needsResync = true
      this.#resyncOrSchedule(room)
    }
    return this.#options.timers.after(this.#options.maxGapMs, giveUp)
  }

  #resync(room: LocalRoom): void {
    const { connections, nodes, log } = this.#options
    room.needsResync = false
    connections.applyEffects(room.commits.skipToNewest())
    const { effects, inputs } = planResync({
      room: room.commits.snapshot,
      attached: connections.attachmentsTo(room.name),
      isHere: (connection) => nodeOf(connection) === nodes.self,
    })
    log.debug({ effects: effects.length, inputs: inputs.length }, 'room resynced')
    connections.applyEffects(effects)
    for (const input of inputs) this.dispatch(room.name, { input, mayCreate: false })
  }

  /**
   * The batch may or may not have been committed. Clients that wait for a reply are asked to retry,
   * what may have been done for them is undone, and inputs that must not be lost are tried again.
   */
  #onCommitFailed(room: LocalRoom, batch: readonly QueuedInput[], error: unknown): void {
    const { metrics, log, connections, retryMs, timers } = this.#options
    metrics.storeFailed()
    const inputs = batch.map(({ input }) => input)
    const replies = inputs.flatMap(replyToFailure)
    // During an outage every room that failed retries each second; only lost requests are errors.
    if (replies.length > 0) log.error(errorFields(error), 'room change not stored')
    else log.debug(errorFields(error), 'room refresh failed')
    connections.applyEffects(replies)
    const again = compensatingInputs(inputs)
    room.queue.unshift(...again.map((input) => ({ input, mayCreate: false })), tick)
    timers.after(retryMs, () => void this.#run(room))
  }

  #onNodeLost(node: string): void {
    for (const { name, commits } of this.#rooms.values()) {
      const hasMembersThere = commits.snapshot?.members.some(isConnectedTo(node)) ?? false
      if (hasMembersThere) {
        this.dispatch(name, { input: { type: 'node-lost', node }, mayCreate: false })
      }
    }
  }

  #tickAll(): void {
    for (const name of this.#rooms.keys()) this.dispatch(name, tick)
  }

  #scheduleTick(room: LocalRoom): void {
    const { nodes, timers } = this.#options
    room.cancelTick()
    const { commits, isLastCommitOwn } = room
    const { snapshot } = commits
    if (!commits.hasGap && !mustTrack(snapshot, { node: nodes.self, isLastCommitOwn })) {
      if (this.#rooms.get(room.name) === room) this.#rooms.delete(room.name)
      return
    }
    const delayMs =
      snapshot === null ? null : msUntilTick(snapshot, timers.now() + room.clockOffsetMs)
    if (delayMs === null) return
    room.cancelTick = timers.after(delayMs, () => {
      // On a draining server time stands still for rooms: no grace period ends there.
      if (!this.#options.isDraining()) this.dispatch(room.name, tick)
    })
  }
}

/** Whether a member is gone for a while, or for good without having said so. */
const isAbsence = (input: RoomInput): boolean =>
  input.type === 'lost' || (input.type === 'detach' && input.absence !== 'left')

/** A join may be the first one to a room that was emptied. */
const withEpoch = (input: RoomInput, { epoch }: StoreMoment): RoomInput =>
  input.type === 'join' ? { ...input, epoch } : input

interface Outcome extends HostChanges {
  /** How many inputs of the batch were stepped. */
  readonly handled: number
  readonly unknownNodes: readonly string[]
}
interface WithMoment {
  readonly moment: StoreMoment
}
interface Batch extends WithMoment {
  readonly current: Room | null
  readonly batch: readonly QueuedInput[]
}
interface StepOptions {
  readonly input: RoomInput
  readonly now: Millis
  readonly effects: RoomEffect[]
}
