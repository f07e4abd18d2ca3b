/**
 * A relay over the WebSocket helper of @hono/node-server, as its documentation shows. JavaScript,
 * because the helper's types do not accept a `ws` server under our compiler flags.
 */
import { randomUUID } from 'node:crypto'
import { serve, upgradeWebSocket } from '@hono/node-server'
import { Hono } from 'hono'
import { WebSocketServer } from 'ws'
import { report } from './report.ts'

const byId = new Map()

const app = new Hono()
app.get(
  '/ws',
  upgradeWebSocket(() => ({
    onMessage: ({ data }, socket) => {
      const text = String(data)
      const { type, to } = JSON.parse(text)
      if (type === 'signal') byId.get(to)?.send(text)
      else {
        const id = randomUUID()
        byId.set(id, socket)
        socket.send(JSON.stringify({ type: 'welcome', self: { id } }))
      }
    },
  })),
)

serve(
  {
    fetch: app.fetch,
    port: 0,
    hostname: '127.0.0.1',
    websocket: { server: new WebSocketServer({ noServer: true }) },
  },
  ({ port }) => report(port),
)
