import type { MeshSetup, PairSetup } from './contestant.ts'
import { openSignaling, type Signal } from './signaling.ts'

/** One end of a link that is being opened. */
export interface LinkEnd {
  readonly offer: () => void
  readonly receive: (signal: Signal) => void
}

export type MakeLink<Link extends LinkEnd> = (send: (signal: Signal) => void) => Link

/** Opens a link to the other page; resolves, once findable, with a function that leaves. */
export const openPairLink = async (
  { role, room, servers }: PairSetup,
  make: MakeLink<LinkEnd>,
): Promise<() => void> => {
  const other = Promise.withResolvers<string>()
  // There is only one other page, so the offer can be created before its id is known.
  const begin = (): LinkEnd =>
    make((signal) => void other.promise.then((to) => signaling.send(to, signal)))
  let link: LinkEnd | null = null
  const signaling = openSignaling(
    { url: servers.skein, room },
    {
      onPeer: (id) => {
        other.resolve(id)
        link ??= begin()
      },
      onSignal: (from, signal) => {
        other.resolve(from)
        link ??= begin()
        link.receive(signal)
      },
    },
  )
  if (role === 'joining') {
    link = begin()
    link.offer()
  }
  const [first] = await signaling.welcome
  if (first !== undefined) other.resolve(first)
  return signaling.close
}

/** Opens links to all other pages: each joining page calls those already present. */
export const openMeshLinks = async <Link extends LinkEnd>(
  { room, servers, count }: MeshSetup,
  make: MakeLink<Link>,
): Promise<{ readonly links: readonly Link[]; readonly leave: () => void }> => {
  const links = new Map<string, Link>()
  const all = Promise.withResolvers<void>()
  const linkTo = (id: string): Link => {
    const link = links.get(id) ?? make((signal) => signaling.send(id, signal))
    links.set(id, link)
    if (links.size === count - 1) all.resolve()
    return link
  }
  const signaling = openSignaling(
    { url: servers.skein, room },
    {
      onPeer: linkTo,
      onSignal: (from, signal) => linkTo(from).receive(signal),
    },
  )
  for (const id of await signaling.welcome) linkTo(id).offer()
  await all.promise
  return { links: [...links.values()], leave: signaling.close }
}
