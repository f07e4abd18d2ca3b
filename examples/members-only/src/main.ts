// `pnpm start`: a signaling server that requires tokens, and an application that issues them.
import { randomBytes } from 'node:crypto'
import { startServer } from '@skein/signal'
import { startSite } from './site.ts'

const secret = (): string => randomBytes(32).toString('base64url')
const [key, audience] = [secret(), 'members']

await startServer({ auth: 'token', jwtKey: key, jwtAudience: audience })
const site = await startSite({
  port: 5173,
  key,
  audience,
  cookieSecret: secret(),
  accounts: new Map([
    ['ann', { password: 'goose', rooms: ['club'] }],
    ['ben', { password: 'gander', rooms: ['club', 'cellar'] }],
  ]),
})
console.log(`Open ${site.resolvedUrls?.local[0]} and log in as ann (goose) or ben (gander).`)
