import type { Source } from './sources.ts'

/** A part of a package that has a purpose of its own: a folder, or single files. */
export interface Room {
  readonly name: string
  /** What lies in it, from the root of its house: folders end with a slash. */
  readonly paths: readonly string[]
  /** The rooms that it may import, each of which stands above it in the table. */
  readonly mayImport: readonly string[]
}

/** The sources of a package, and the rooms that they are divided into, lowest first. */
export interface House {
  readonly root: string
  readonly rooms: readonly Room[]
}

const room = (name: string, mayImport = '', paths: readonly string[] = [`${name}/`]): Room => ({
  name,
  paths,
  mayImport: mayImport === '' ? [] : mayImport.split(' '),
})

const protocol: House = {
  root: 'packages/protocol/src/',
  rooms: [
    room(
      'vocabulary',
      '',
      'close-codes errors ids limits messages result version'
        .split(' ')
        .map((file) => `${file}.ts`),
    ),
    room('generated'),
    room('codec', 'vocabulary generated'),
    room('election', 'vocabulary'),
    room('room', 'vocabulary codec election'),
    room('testing', 'vocabulary'),
    room('entry', 'vocabulary codec', ['index.ts']),
  ],
}

const sdk: House = {
  root: 'packages/sdk/src/',
  rooms: [
    room('core'),
    room('api', '', ['api.ts']),
    room('base', 'api'),
    room('time', 'base'),
    room('link', 'api base time'),
    room('signaling', 'core api base time'),
    room('transport', 'core base time link'),
    room('channel', 'core api base time link transport'),
    room('mesh', 'core api base time link transport channel'),
    room('rpc', 'api base time transport channel'),
    room('room', 'core api base time link signaling transport channel mesh rpc'),
    room('entry', 'api base time signaling room', ['index.ts']),
    room('diagnose', 'api base time link room entry'),
    room('bundle', 'entry diagnose', ['bundle.ts']),
    room('testing', 'time'),
    room('package tests', '', ['without-a-browser.test.ts']),
  ],
}

const backbone = 'backbone/redis backbone/store backbone/bus backbone/nodes'
const shared = 'limits telemetry settings'

const signal: House = {
  root: 'apps/signal/src/',
  rooms: [
    room('time'),
    room('limits'),
    room('telemetry'),
    room('settings', 'limits telemetry'),
    room('wire', 'telemetry'),
    room('ice', 'limits'),
    room('auth', 'settings telemetry'),
    room('http', shared),
    room('token'),
    room('backbone/redis', 'telemetry'),
    room('backbone/store', 'time telemetry backbone/redis'),
    room('backbone/bus', 'telemetry backbone/redis'),
    room('backbone/nodes', 'telemetry backbone/redis backbone/store'),
    room('backbone', `time telemetry settings ${backbone}`),
    room('rooms', 'time telemetry backbone/store backbone/nodes'),
    room('connections', `${shared} wire ice auth rooms backbone/bus backbone/nodes`),
    room('upgrade', `${shared} wire connections`),
    room(
      'server',
      `time ${shared} wire ice auth http rooms connections upgrade backbone backbone/store backbone/bus backbone/nodes`,
    ),
    room('entry', `${shared} server backbone/store backbone/bus`, [
      'index.ts',
      'main.ts',
      'main.test.ts',
      'reference.ts',
    ]),
    room(
      'testing',
      'time telemetry settings server backbone rooms backbone/redis backbone/store backbone/nodes',
    ),
    room('scenarios', 'testing'),
  ],
}

export const houses: readonly House[] = [protocol, sdk, signal]

/** The room of a file; `null` when it lies in none. The longest path wins. */
export function roomOf({ root, rooms }: House, path: string): Room | null {
  const inside = path.slice(root.length)
  const found = rooms
    .flatMap((each) => each.paths.map((start) => ({ each, start })))
    .filter(({ start }) => (start.endsWith('/') ? inside.startsWith(start) : inside === start))
    .toSorted((a, b) => b.start.length - a.start.length)
  return found[0]?.each ?? null
}

/** Files that lie in no room. */
export function homeless(house: House, all: readonly Source[]): readonly string[] {
  return inHouse(house, all)
    .filter(({ path }) => roomOf(house, path) === null)
    .map(({ path }) => path)
}

/** Imports from one room of another that it may not import. */
export function trespasses(house: House, all: readonly Source[]): readonly string[] {
  return inHouse(house, all).flatMap(({ path, imports }) => {
    const from = roomOf(house, path)
    const targets = imports.filter((target) => target.startsWith(house.root))
    return targets
      .filter((target) => !mayImport(from, roomOf(house, target)))
      .map((target) => `${path} imports ${target}`)
  })
}

/** Rows of the table that name a room below themselves, or none. */
export function badRows({ rooms }: House): readonly string[] {
  const names = rooms.map(({ name }) => name)
  return rooms.flatMap(({ name, mayImport: allowed }, place) =>
    allowed
      .filter((other) => !names.slice(0, place).includes(other))
      .map((other) => `${name} lists ${other}`),
  )
}

const inHouse = ({ root }: House, all: readonly Source[]): readonly Source[] =>
  all.filter(({ path }) => path.startsWith(root))

const mayImport = (from: Room | null, to: Room | null): boolean =>
  from === null || to === null || from === to || from.mayImport.includes(to.name)
