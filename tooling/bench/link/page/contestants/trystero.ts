import { createTopicStrategy, type MessageAction, type Room } from '@trystero-p2p/core'
import { type Contestant, Inbox, type Pipe, type Servers } from '../contestant.ts'

/** Over a relay by topic of our own, in the way that it documents for that. */
export const trystero: Contestant = {
  mayReuse: true,
  enter: async ({ room: name, servers }) => {
    const room = await enterRoom(name, servers)
    const [main, side] = [pipeOf(room, 'bulk'), pipeOf(room, 'side')]
    const opened = untilPeers(room, 1).then(() => ({
      ...main,
      side: () => Promise.resolve(side),
      close: () => room.leave(),
    }))
    return { opened }
  },
  gather: async ({ room: name, servers, count }) => {
    const room = await enterRoom(name, servers)
    await untilPeers(room, count - 1)
    return () => room.leave()
  },
}

const enterRoom = async (name: string, { topics }: Servers): Promise<Room> => {
  const announced = Promise.withResolvers<void>()
  const join = createTopicStrategy({
    init: () =>
      new Promise<WebSocket>((resolve, reject) => {
        const socket = new WebSocket(topics)
        socket.onopen = () => resolve(socket)
        socket.onerror = reject
      }),
    subscribeTopic: (socket, topic, onMessage) => {
      const listen = ({ data }: MessageEvent): void => {
        const message = JSON.parse(data)
        if (message.topic === topic) void onMessage(topic, message.payload)
      }
      socket.addEventListener('message', listen)
      socket.send(JSON.stringify({ type: 'subscribe', topic }))
      return () => {
        socket.removeEventListener('message', listen)
        socket.send(JSON.stringify({ type: 'unsubscribe', topic }))
      }
    },
    publishTopic: (socket, topic, payload) => {
      socket.send(JSON.stringify({ type: 'publish', topic, payload }))
      announced.resolve()
    },
  })
  // An app of its own for each room: those of one app share their connections, and keep them.
  const room = join({ appId: name, rtcConfig: { iceServers: [] } }, name)
  await announced.promise
  return room
}

const untilPeers = (room: Room, count: number): Promise<void> =>
  new Promise((resolve) => {
    const look = (): void => {
      if (Object.keys(room.getPeers()).length >= count) resolve()
    }
    room.onPeerJoin = look
    look()
  })

const pipeOf = (room: Room, name: string): Pipe => {
  const inbox = new Inbox()
  const action: MessageAction<Uint8Array<ArrayBuffer>> = room.makeAction(name, {
    onMessage: (data) => inbox.take(new Uint8Array(data)),
  })
  return { send: (data) => action.send(data), listen: inbox.listen }
}
