/** A relay over crossws, as its documentation shows for Node. */
import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { Peer } from 'crossws'
import nodeAdapter from 'crossws/adapters/node'
import { listen } from './listen.ts'

const byId = new Map<string, Peer>()

const { handleUpgrade } = nodeAdapter({
  hooks: {
    message: (peer, message) => {
      const text = message.text()
      const { type, to } = JSON.parse(text)
      if (type === 'signal') byId.get(to)?.send(text)
      else {
        const id = randomUUID()
        byId.set(id, peer)
        peer.send(JSON.stringify({ type: 'welcome', self: { id } }))
      }
    },
  },
})

const http = createServer()
http.on('upgrade', handleUpgrade)
listen(http)
