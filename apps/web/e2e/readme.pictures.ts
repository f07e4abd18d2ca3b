import { fileURLToPath } from 'node:url'
import { expect, test } from './site-test.ts'

const picture = (name: string) =>
  fileURLToPath(new URL(`../../../docs/images/${name}.png`, import.meta.url))

for (const [colorScheme, name] of [
  ['light', 'room'],
  ['dark', 'room-dark'],
] as const) {
  test(`a room with three people who talk, ${colorScheme}`, async ({ come }) => {
    const context = {
      colorScheme,
      reducedMotion: 'reduce',
      viewport: { width: 1280, height: 760 },
    } as const
    const ann = await come('Ann', { colour: 'madder', context })
    const ben = await come('Ben', { colour: 'indigo', context })
    const mei = await come('李梅', { colour: 'ochre', context })
    const all = [ann, ben, mei]
    for (const visitor of all) await visitor.enter('blue-door')
    for (const visitor of all) await visitor.isLinkedTo(all.filter((other) => other !== visitor))
    const lines = [
      [mei, 'Good morning! The door was open, so I flew right in.'],
      [ann, 'Welcome. Nobody between us but the air.'],
      [ben, '早上好！'],
      [ben, 'Ann leads until she is tired, then it is my turn.'],
    ] as const
    for (const [visitor, text] of lines) {
      await visitor.say(text)
      for (const other of all) await expect(other.message(text)).toBeVisible()
    }
    await ben.page.getByRole('heading', { name: 'Chat' }).click()
    await ben.page.screenshot({ path: picture(name) })
  })
}
