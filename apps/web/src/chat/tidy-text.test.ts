import { expect, test } from 'vitest'
import { tidyText } from './tidy-text.ts'

test.each([
  ['  if (x) {\n    y()\n  }', '  if (x) {\n    y()\n  }'],
  ['\n \n\t\n  code\n', '  code'],
  ['hello   \n\n ', 'hello'],
  [' \n\t\n ', ''],
  ['', ''],
  ['一二\n', '一二'],
])('the draft %j is sent as %j', (draft, text) => {
  expect(tidyText(draft)).toBe(text)
})
