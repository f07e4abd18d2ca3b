// The application server: it knows its users and issues tokens for their rooms.
import { mintToken } from '@skein/signal/token'
import { Hono } from 'hono'
import { getSignedCookie, setSignedCookie } from 'hono/cookie'

export interface Account {
  /** In plain text only for this example: a real application stores a hash. */
  readonly password: string
  readonly rooms: readonly string[]
}

export interface AuthAppOptions {
  /** The values of SKEIN_JWT_KEY and SKEIN_JWT_AUDIENCE on the signaling server. */
  readonly key: string
  readonly audience: string
  /** Signs the login cookie. */
  readonly cookieSecret: string
  readonly accounts: ReadonlyMap<string, Account>
}

export const createAuthApp = ({ key, audience, cookieSecret, accounts }: AuthAppOptions): Hono =>
  new Hono()
    .post('/login', async (context) => {
      const { name, password } = await context.req.parseBody()
      if (typeof name !== 'string' || accounts.get(name)?.password !== password) {
        return context.text('Wrong name or password.', 401)
      }
      const options = { httpOnly: true, sameSite: 'Strict', path: '/' } as const
      await setSignedCookie(context, 'name', name, cookieSecret, options)
      return context.body(null, 204)
    })
    .get('/token', async (context) => {
      const name = await getSignedCookie(context, cookieSecret, 'name')
      const room = context.req.query('room') ?? ''
      if (!name) return context.text('Log in first.', 401)
      if (!accounts.get(name)?.rooms.includes(room)) return context.text('No access.', 403)
      context.header('Cache-Control', 'no-store')
      // Each user can be in the room only once: a second page replaces the first.
      return context.text(await mintToken({ key, audience, room, sub: name, single: true }))
    })
