import { fileURLToPath } from 'node:url'
import { expect, test } from './site-test.ts'

const picture = (name: string) =>
  fileURLToPath(new URL(`../../../docs/images/${name}.png`, import.meta.url))

for (const [colorScheme, name] of [
  ['light', 'room'],
  ['dark', 'room-dark'],
] as const) {
  test(`a room with three people chatting, ${colorScheme}`, async ({ visit }) => {
    const context = {
      colorScheme,
      reducedMotion: 'reduce',
      viewport: { width: 1280, height: 760 },
    } as const
    const ann = await visit('Ann', { colour: 'madder', context })
    const ben = await visit('Ben', { colour: 'indigo', context })
    const mei = await visit('李梅', { colour: 'ochre', context })
    const all = [ann, ben, mei]
    for (const visitor of all) await visitor.enter('blue-door')
    for (const visitor of all) await visitor.waitForLinks(all.filter((other) => other !== visitor))
    const lines = [
      [mei, 'Good morning! The link worked right away.'],
      [ann, 'Welcome! We are connected directly.'],
      [ben, '早上好！'],
      [ben, 'When Ann leaves, the crown comes to me.'],
    ] as const
    for (const [visitor, text] of lines) {
      await visitor.send(text)
      for (const other of all) await expect(other.message(text)).toBeVisible()
    }
    await ben.page.getByRole('heading', { name: 'Chat' }).click()
    await ben.page.screenshot({ path: picture(name) })
  })
}
