import { expect, test } from 'vitest'
import { anchorsOf, codeSpansOf, linksOf } from './markdown.ts'

test('links of every form are found, but not those in code', () => {
  const text = `[a](b.md#c "title") ![d](<e.png>) <img src="f.png">

[g]: h.md

\`[i](j)\`

\`\`\`md
[k](l)
\`\`\`
`
  expect(linksOf(text)).toEqual(['b.md#c', 'e.png', 'f.png', 'h.md'])
})

test('anchors match those of GitHub', () => {
  const text = '# One & two\n## `code` here\n## One & two\n## 两个 命令\n```\n# not this\n```\n'
  expect([...anchorsOf(text)]).toEqual(['one--two', 'code-here', 'one--two-1', '两个-命令'])
})

test('inline code is found', () => {
  expect(codeSpansOf('`a` and `b c`\n```\n`d`\n```')).toEqual(['a', 'b c'])
})
