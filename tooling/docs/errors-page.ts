import type { ErrorEntry } from '@skein/protocol'

/** `docs/errors.md`: a table of every error and every close code. */
export function errorsPage(catalogue: {
  readonly errors: Readonly<Record<string, ErrorEntry>>
  readonly closeCodes: Readonly<Record<string, number>>
}): string {
  const errors = Object.entries(catalogue.errors).toSorted(([a], [b]) => (a < b ? -1 : 1))
  const closes = Object.entries(catalogue.closeCodes).toSorted(([, a], [, b]) => a - b)
  return `${head}
| code | where | what happened | again? | what to do |
|---|---|---|---|---|
${errors.map(errorRow).join('\n')}

## Close codes

Why the server closes a WebSocket. After 4000–4499 a client comes back, with jitter; after 4500–4999 it does not: the same client would be turned away again.

| code | name | come back? |
|---|---|---|
${closes.map(([name, code]) => `| ${code} | \`${name}\` | ${code < 4500 ? 'yes' : 'no'} |`).join('\n')}
`
}

const head = `# Errors

<!-- Generated from the catalogue in packages/protocol by \`npx -y pnpm@12 docs:write\`: change that, not this. -->

Every operation of the SDK that fails rejects with a \`SkeinError\`: its \`code\` is one of these, \`retryable\` says whether the same call may succeed later, and \`cause\` is what lay below. The server says the same codes in its \`error\` messages.

\`\`\`ts
import { SkeinError } from '@skein/sdk'

try {
  await chat.send({ text: 'hi' }, { to: 'host' })
} catch (error) {
  if (error instanceof SkeinError && error.retryable) tryAgainLater()
  else throw error
}
\`\`\`

## Codes

Where: *server* says it in an \`error\` message, *SDK* rejects with it, *both* do.
`

const where = { wire: 'server', sdk: 'SDK', both: 'both' } as const

function errorRow([code, { scope, message, retryable, remedy }]: [string, ErrorEntry]): string {
  return `| \`${code}\` | ${where[scope]} | ${message} | ${retryable ? 'yes' : 'no'} | ${remedy} |`
}
