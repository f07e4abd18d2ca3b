import type { ErrorEntry } from '@skein/protocol'

/** The text of `docs/errors.md`: a table of all errors and one of all close codes. */
export function errorsPage(catalogue: {
  readonly errors: Readonly<Record<string, ErrorEntry>>
  readonly closeCodes: Readonly<Record<string, number>>
}): string {
  const errors = Object.entries(catalogue.errors).toSorted(([a], [b]) => (a < b ? -1 : 1))
  const closes = Object.entries(catalogue.closeCodes).toSorted(([, a], [, b]) => a - b)
  return `${head}
| Code | Raised by | Message | Retryable | What to do |
|---|---|---|---|---|
${errors.map(errorRow).join('\n')}

## Close codes

Why the server closes a WebSocket. After 4000–4499 the client reconnects, with jitter. After
4500–4999 it does not: the server would reject the same client again.

| Code | Name | Reconnect |
|---|---|---|
${closes.map(([name, code]) => `| ${code} | \`${name}\` | ${code < 4500 ? 'yes' : 'no'} |`).join('\n')}
`
}

const head = `# Errors

<!-- Generated from the catalogue in packages/protocol by \`npx -y pnpm@12 docs:write\`.
     Edit the catalogue, not this page. -->

Every failed SDK operation rejects with a \`SkeinError\`. Its \`code\` is one of the codes below,
\`retryable\` tells whether the same call may succeed later, and \`cause\` is the underlying error. The
server uses the same codes in its \`error\` messages.

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

*Raised by*: the *server* sends the code in an \`error\` message, the *SDK* rejects with it, or
*both*.
`

const where = { wire: 'server', sdk: 'SDK', both: 'both' } as const

function errorRow([code, { scope, message, retryable, remedy }]: [string, ErrorEntry]): string {
  return `| \`${code}\` | ${where[scope]} | ${message} | ${retryable ? 'yes' : 'no'} | ${remedy} |`
}
