import { expect, test } from 'vitest'
import { contactSheet } from './contact-sheet.ts'

test('the sheet has a section for each screen, with its pictures and what they show', () => {
  const html = contactSheet([
    { screen: 'start', file: 'start-1.png', caption: '360 × 740, light, en' },
    { screen: 'menu', file: 'menu-1.png', caption: '360 × 740, light, en' },
    { screen: 'start', file: 'start-2.png', caption: '360 × 740, dark, "en" & <b>' },
  ])
  expect(html.match(/<section/g)).toHaveLength(2)
  expect(html.match(/<img/g)).toHaveLength(3)
  expect(html.indexOf('start-2.png')).toBeLessThan(html.indexOf('menu-1.png'))
  expect(html).toContain('dark, &#34;en&#34; &#38; &#60;b&#62;')
})
