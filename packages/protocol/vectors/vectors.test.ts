import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { packageRoot } from '../schema/format.ts'
import { decodeClient, decodeServer } from '../src/codec/index.ts'
import { createRoom, step } from '../src/room/index.ts'
import { toCoreNames } from './field-names.ts'
import { vectorFiles } from './files.ts'
import type { MessageVector } from './messages.ts'
import type { Story } from './stories.ts'

const read = <Vectors>(path: string): Vectors =>
  JSON.parse(readFileSync(join(packageRoot, path), 'utf8'))

test.each(read<readonly MessageVector[]>('vectors/client-messages.json'))(
  'a client message decodes as in the vector: $name',
  ({ text, decoded }) => expect(decodeClient(text)).toEqual(decoded),
)

test.each(read<readonly MessageVector[]>('vectors/server-messages.json'))(
  'a server message decodes as in the vector: $name',
  ({ text, decoded }) => expect(decodeServer(text)).toEqual(decoded),
)

const readStories = () => toCoreNames(read('vectors/rooms.json')) as readonly Story[]

test.each(readStories())('a room behaves as in the vector: $name', ({ options, steps }) => {
  let room = createRoom(options)
  for (const { now, input, effects } of steps) {
    const [next, actual] = step(room, input, now)
    expect(actual).toEqual(effects)
    room = next
  }
})

test.each(Object.entries(vectorFiles()))('%s is up to date', (path, vectors) => {
  expect(read(path)).toEqual(JSON.parse(JSON.stringify(vectors)))
})
