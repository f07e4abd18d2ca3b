// The application's side: it knows its people, and gives them tokens for the rooms that are theirs.
import { mintToken } from '@skein/signal/token'
import { Hono } from 'hono'
import { getSignedCookie, setSignedCookie } from 'hono/cookie'

export interface Account {
  /** An application of your own keeps a hash of it. */
  readonly password: string
  readonly rooms: readonly string[]
}

export interface DoorOptions {
  /** As the signaling server's SKEIN_JWT_KEY and SKEIN_JWT_AUDIENCE. */
  readonly key: string
  readonly audience: string
  /** Signs the cookie of who is logged in. */
  readonly cookieSecret: string
  readonly accounts: ReadonlyMap<string, Account>
}

export const createDoor = ({ key, audience, cookieSecret, accounts }: DoorOptions): Hono =>
  new Hono()
    .post('/login', async (context) => {
      const { name, password } = await context.req.parseBody()
      if (typeof name !== 'string' || accounts.get(name)?.password !== password) {
        return context.text('Name or password is wrong.', 401)
      }
      const options = { httpOnly: true, sameSite: 'Strict', path: '/' } as const
      await setSignedCookie(context, 'name', name, cookieSecret, options)
      return context.body(null, 204)
    })
    .get('/token', async (context) => {
      const name = await getSignedCookie(context, cookieSecret, 'name')
      const room = context.req.query('room') ?? ''
      if (!name) return context.text('Log in first.', 401)
      if (!accounts.get(name)?.rooms.includes(room)) return context.text('Not your room.', 403)
      context.header('Cache-Control', 'no-store')
      // One of each person: whoever opens a second page takes the place of the first.
      return context.text(await mintToken({ key, audience, room, sub: name, single: true }))
    })
