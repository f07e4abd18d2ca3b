import { describe, expect, test } from 'vitest'
import { circles } from './circles.ts'
import { importsOf } from './imports.ts'
import { badRows, type House, homeless, houses, trespasses } from './rooms.ts'
import { isTest, type Source, sources } from './sources.ts'

const all = sources()
const product = all.filter(({ path }) => !isTest(path))

describe.for(houses)('$root', (house) => {
  test('every file lies in a room', () => {
    expect(homeless(house, all)).toEqual([])
  })

  test('a room imports only rooms that its row names', () => {
    // Tests may look at everything.
    expect(trespasses(house, product)).toEqual([])
  })

  test('rows name only rooms above themselves', () => {
    expect(badRows(house)).toEqual([])
  })
})

test('no files import each other in a circle', () => {
  expect(circles(all)).toEqual([])
})

describe('the laws themselves', () => {
  const house: House = {
    root: 'apps/one/src/',
    rooms: [
      { name: 'wire', paths: ['wire/'], mayImport: [] },
      { name: 'server', paths: ['server/', 'main.ts'], mayImport: ['wire'] },
    ],
  }
  const files = (texts: Readonly<Record<string, string>>): readonly Source[] =>
    Object.entries(texts).map(([path, text]) => ({
      path,
      text,
      imports: importsOf({ path, text }),
    }))

  test('a file in no room is found', () => {
    const fixture = files({ 'apps/one/src/stray.ts': '', 'apps/one/src/main.ts': '' })
    expect(homeless(house, fixture)).toEqual(['apps/one/src/stray.ts'])
  })

  test('an import of a room above is found, also of its types alone', () => {
    const fixture = files({
      'apps/one/src/server/server.ts': `import { write } from '../wire/write.ts'`,
      'apps/one/src/wire/write.ts': `import type { Server } from '../server/server.ts'`,
    })
    expect(trespasses(house, fixture)).toEqual([
      'apps/one/src/wire/write.ts imports apps/one/src/server/server.ts',
    ])
  })

  test('a circle of type-only imports is found', () => {
    const fixture = files({
      'a.ts': `import type { B } from './b.ts'`,
      'b.ts': `import type { C } from './c.ts'`,
      'c.ts': `export type C = import('./a.ts').A`,
      'd.ts': `import type { A } from './a.ts'`,
    })
    expect(circles(fixture)).toEqual(['a.ts', 'b.ts', 'c.ts'])
  })

  test('a row that names a room below itself is found', () => {
    const [wire, server] = house.rooms
    const turned = { root: house.root, rooms: [server, wire].flatMap((each) => each ?? []) }
    expect(badRows(turned)).toEqual(['server lists wire'])
  })
})
