import { createTopicStrategy, type MessageAction, type Room } from '@trystero-p2p/core'
import { type Contestant, MessageBuffer, type Servers, type Transport } from '../contestant.ts'

/** Trystero over our topic relay, in the way its documentation describes. */
export const trystero: Contestant = {
  mayReuse: true,
  enter: async ({ room: name, servers }) => {
    const room = await enterRoom(name, servers)
    const [main, side] = [transportOf(room, 'bulk'), transportOf(room, 'side')]
    const opened = untilPeers(room, 1).then(() => ({
      ...main,
      side: () => Promise.resolve(side),
      close: () => room.leave(),
    }))
    return { opened }
  },
  joinMesh: async ({ room: name, servers, count }) => {
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
  // A separate app id per room: rooms of one app share their connections and keep them.
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

const transportOf = (room: Room, name: string): Transport => {
  const buffer = new MessageBuffer()
  const action: MessageAction<Uint8Array<ArrayBuffer>> = room.makeAction(name, {
    onMessage: (data) => buffer.take(new Uint8Array(data)),
  })
  return { send: (data) => action.send(data), listen: buffer.listen }
}
