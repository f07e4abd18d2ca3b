import { once } from 'node:events'
import { type WebSocket, WebSocketServer } from 'ws'

export interface TopicRelay {
  readonly url: string
  readonly close: () => void
}

/** Sends what is published to a topic to its subscribers. */
export const startTopicRelay = async (): Promise<TopicRelay> => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false })
  const topicsOf = new Map<WebSocket, Set<string>>()
  const publish = (topic: string, payload: unknown): void => {
    const text = JSON.stringify({ topic, payload })
    for (const [socket, topics] of topicsOf) if (topics.has(topic)) socket.send(text)
  }
  server.on('connection', (socket) => {
    const topics = new Set<string>()
    topicsOf.set(socket, topics)
    socket.on('message', (data) => {
      const { type, topic, payload } = JSON.parse(String(data))
      if (type === 'subscribe') topics.add(topic)
      else if (type === 'unsubscribe') topics.delete(topic)
      else publish(topic, payload)
    })
    socket.on('close', () => topicsOf.delete(socket))
  })
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    url: `ws://127.0.0.1:${address.port}`,
    close: () => {
      server.close()
      for (const socket of server.clients) socket.terminate()
    },
  }
}
