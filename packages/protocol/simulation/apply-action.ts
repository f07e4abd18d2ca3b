import { isDeepStrictEqual } from 'node:util'
import type { PeerId } from '../src/ids.ts'
import { type Absence, deadline, type RoomInput, type Self } from '../src/room/index.ts'
import { candidateOf, peerIdOf } from '../src/testing/index.ts'
import type { Action, SelfChoice } from './actions.ts'
import { assertInvariant } from './assert-invariant.ts'
import { checkResume } from './check-resume.ts'
import type { Client } from './client.ts'
import type { World } from './world.ts'

type MessageAction = Extract<Action, { client: number }> & {
  readonly kind: 'update' | 'transfer-host' | 'kick' | 'signal' | 'leave'
}

/** Runs one action. */
export const applyAction = (world: World, action: Action): void => {
  world.now += action.dt
  switch (action.kind) {
    case 'restart':
      world.restart()
      break
    case 'return':
      for (const [index, hasReturned] of action.clients.entries()) {
        if (hasReturned)
          resume(world, { client: clientAt(world, index), self: defaultSelf, age: 0 })
      }
      break
    case 'tick':
      world.dispatch({ type: 'tick' })
      break
    case 'tick-at-deadline':
      tickAtDeadline(world)
      break
    case 'node-lost':
      world.loseNode()
      break
    case 'failover':
    case 'extend-grace':
      // These inputs run before everything that is due; the tick makes sure that nothing is.
      world.dispatch({ type: 'tick' })
      world.dispatch({ type: action.kind, until: world.now })
      break
    default:
      applyClientAction(world, clientAt(world, action.client), action)
  }
}

/** Loses all connections and lets time pass until the room is removed (10). */
export const runUntilEmpty = (world: World): void => {
  for (const client of world.clients) loseConnections(world, client)
  for (let ticks = 0; world.server.room !== null; ticks += 1) {
    assertInvariant(ticks < 50, 'an empty room is removed')
    tickAtDeadline(world)
  }
}

const applyClientAction = (
  world: World,
  client: Client,
  action: Extract<Action, { client: number }>,
): void => {
  switch (action.kind) {
    case 'join':
      join(world, client, selfOf(action.self))
      break
    case 'resume':
      resume(world, { client, self: selfOf(action.self), age: 0 })
      break
    case 'resume-with-old-token':
      resume(world, { client, self: defaultSelf, age: action.age })
      break
    case 'lost':
      loseConnections(world, client)
      break
    case 'stale':
      sendStale(world, client)
      break
    case 'go':
      loseConnections(world, client, action.absence)
      break
    case 'beacon':
      sendBeacon(world, client, action)
      break
    default:
      sendMessage(world, client, action)
  }
}

const join = (world: World, client: Client, self: Self): void => {
  if (client.connection !== null || client.pending !== null) return
  const connection = world.newConnection()
  client.open(connection, { isJoining: true })
  world.dispatch({
    type: 'join',
    connection,
    id: world.newId(),
    self,
    identity: world.identityOf(client),
  })
}

const resume = (
  world: World,
  { client, self, age }: { readonly client: Client; readonly self: Self; readonly age: number },
): void => {
  // Otherwise a token renewal that is due would age the old token once more, and a recovery that
  // is due would reply to the pending connection.
  if (age > 0 || client.pending !== null) world.dispatch({ type: 'tick' })
  const token = client.tokens.at(-1 - age)
  if (token === undefined || client.isJoining) return
  const { room } = world.server
  // After a restart, an older token would not have the last host term that this client has seen.
  if ((room === null || room.recovery !== null) && age > 0) return
  const connection = world.newConnection()
  client.open(connection, { isJoining: false })
  const identity = world.identityOf(client)
  const input = { type: 'resume', connection, claims: token.claims, self, identity } as const
  const transition = world.dispatch(input, token.boot)
  if (transition === null) client.clearPending()
  else checkResume(transition)
}

const loseConnections = (world: World, client: Client, absence: Absence = 'lost'): void => {
  const { connection, pending, view } = client
  if (pending !== null) world.dispatch({ type: 'lost', connection: pending, id: null, absence })
  if (connection !== null) {
    world.dispatch({ type: 'lost', connection, id: view?.self ?? null, absence })
  }
  client.disconnect()
}

/** A page says over HTTP that it goes, also with a token of an earlier connection. */
const sendBeacon = (
  world: World,
  client: Client,
  { absence, age, socket, times }: Extract<Action, { kind: 'beacon' }>,
): void => {
  const token = client.tokens.at(-1 - age)
  if (token === undefined) return
  if (socket === 'before') loseConnections(world, client)
  for (let time = 0; time < times; time += 1) {
    world.dispatch({ type: 'detach', claims: token.claims, absence })
  }
  if (socket === 'after') loseConnections(world, client)
}

const sendMessage = (world: World, client: Client, action: MessageAction): void => {
  const { connection, view } = client
  if (connection === null || view === null) return
  const by = { connection, id: view.self }
  switch (action.kind) {
    case 'update':
      world.dispatch({ type: 'update', ...by, change: selfOf(action.self) })
      break
    case 'transfer-host':
      world.dispatch({ type: 'transfer-host', ...by, to: targetOf(world, action.to) })
      break
    case 'kick':
      world.dispatch({ type: 'kick', ...by, target: targetOf(world, action.to), reason: null })
      break
    case 'signal':
      signal(world, { ...by, to: targetOf(world, action.to) })
      break
    case 'leave':
      world.dispatch({ type: 'leave', ...by })
      client.disconnect()
      break
  }
}

/** A signal reaches only a peer in the room (6). */
const signal = (
  world: World,
  { connection, id, to }: { readonly connection: Client['connection']; id: PeerId; to: PeerId },
): void => {
  if (connection === null) return
  const data = candidateOf()
  const transition = world.dispatch({ type: 'signal', connection, from: id, to, data })
  const effect = transition?.effects[0]
  assertInvariant(
    transition !== null && effect?.type === 'send',
    'a signal is delivered or gets an error',
  )
  assertInvariant(transition.before === transition.after, 'a signal changes nothing')
  const target = world.clients.find(({ view }) => view?.self === to && to !== id)
  const recipient = target ? target.connection : connection
  assertInvariant(
    effect.to.length === 1 && effect.to[0] === recipient,
    'a signal goes only to its target',
  )
  if (target === undefined)
    assertInvariant(effect.message.type === 'error', 'a signal to an unknown peer is an error')
  else
    assertInvariant(
      isDeepStrictEqual(effect.message, { type: 'signal', from: id, data }),
      'a signal arrives unchanged',
    )
}

/** Input from an older connection changes nothing (7). */
const sendStale = (world: World, client: Client): void => {
  const connection = client.formerConnections.at(-1)
  const { room } = world.server
  if (connection === undefined || room === null) return
  world.dispatch({ type: 'tick' })
  for (const { id } of room.members) {
    const stale = { connection, id } as const
    const inputs: readonly RoomInput[] = [
      { type: 'update', ...stale, change: { priority: 77 } },
      { type: 'transfer-host', ...stale, to: id },
      { type: 'kick', ...stale, target: id, reason: null },
      { type: 'leave', ...stale },
      { type: 'lost', ...stale },
    ]
    for (const input of inputs) {
      const transition = world.dispatch(input)
      if (transition === null) return
      const isIgnored = transition.before === transition.after && transition.effects.length === 0
      assertInvariant(isIgnored, `a stale ${input.type} changes nothing`)
    }
  }
}

const tickAtDeadline = (world: World): void => {
  const due = world.server.room === null ? null : deadline(world.server.room)
  if (due !== null) world.now = Math.max(world.now, due)
  world.dispatch({ type: 'tick' })
}

const clientAt = (world: World, index: number): Client => {
  const client = world.clients[index]
  if (client === undefined) throw new Error(`There is no client ${index}.`)
  return client
}

/** The id of a client, or an unknown id. */
const targetOf = (world: World, index: number): PeerId =>
  world.clients[index]?.view?.self ?? peerIdOf('unknown-peer')

const defaultSelf: Self = { presence: null, canHost: true, priority: 0 }

const selfOf = ({ canHost, priority, name }: SelfChoice): Self => ({
  presence: { name },
  canHost,
  priority,
})
