import { type JsonValue, joinRoom } from '@skein/sdk'

/** The browser side of the test: joins the room of the Node peer and talks to it. */
export const talkToNode = async (url: string, name: string): Promise<Record<string, JsonValue>> => {
  const room = await joinRoom({ url, room: name })
  const [node] = [...room.peers.values()]
  if (!node) throw new Error('the Node peer is not in the room')
  const chat = listen<string>('chat')
  const welcome = await chat()
  await room.channel<string>('chat').send('hello', { to: node.id })
  const reply = await chat()
  const large = new Uint8Array(1_000_000).map((_, at) => at % 250)
  const bytes = listen<Uint8Array>('bytes')
  await room.channel<Uint8Array>('bytes').send(large)
  const reversed = await bytes()
  const time = await room.call<string>(node.id, 'time')
  const result = {
    welcome,
    reply,
    time,
    isReversed: reversed.toReversed().every((byte, at) => byte === large[at]),
    bytes: reversed.length,
    host: room.host === room.self.id ? 'me' : 'another',
    link: room.peers.get(node.id)?.link?.state ?? null,
  }
  await room.leave()
  return result

  function listen<Data>(label: string): () => Promise<Data> {
    const messages = room.channel<Data>(label)[Symbol.asyncIterator]()
    return async () => (await messages.next()).value.data
  }
}
