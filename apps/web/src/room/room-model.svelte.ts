import { keepingChat } from '../chat/chat-keeper.ts'
import type { Notice } from '../chat/entries.ts'
import { LogScroll } from '../chat/log-scroll.svelte.ts'
import { Timeline } from '../chat/timeline.svelte.ts'
import { Unread } from '../chat/unread.svelte.ts'
import { Pulses } from '../graph/pulses.svelte.ts'
import { Mesh, type Thread } from '../lib/mesh.svelte.ts'
import { type Person, peopleIn } from '../lib/people.ts'
import { recentRooms } from '../lib/recent-rooms.svelte.ts'
import { RoomSession } from '../lib/room.svelte.ts'
import { RoundTrips } from '../lib/round-trips.ts'
import { PersonSheet } from '../people/person-sheet.svelte.ts'
import { Sharing } from '../share/sharing.svelte.ts'

/** All state that the room screen renders. */
export class RoomModel {
  readonly session: RoomSession
  readonly timeline = new Timeline()
  readonly mesh = new Mesh()
  readonly roundTrips = new RoundTrips()
  readonly pulses = new Pulses()
  readonly unread = new Unread()
  readonly logScroll = new LogScroll()
  readonly sharing: Sharing
  readonly sheet = new PersonSheet()

  readonly people: readonly Person[] = $derived.by(() => {
    const view = this.session.view
    const people = view === null ? [] : peopleIn(view)
    return people.map((person) => this.roundTrips.shown(person))
  })
  readonly self: Person | null = $derived(this.people.find(({ isSelf }) => isSelf) ?? null)
  readonly host: Person | null = $derived(this.people.find(({ isHost }) => isHost) ?? null)
  readonly threads: readonly Thread[] = $derived(this.mesh.threads(this.people))
  readonly lastNotice: Notice | null = $derived(
    this.timeline.entries.findLast((entry) => entry.kind === 'notice') ?? null,
  )
  /** Whether anybody is there to hear what is said. */
  readonly hasOpenLink: boolean = $derived(this.people.some(({ link }) => link?.state === 'open'))
  /** Whether requests to the server are possible: not while it is disconnected. */
  readonly canAskServer: boolean = $derived.by(() => this.session.view?.status === 'connected')

  constructor(name: string) {
    const addToRecent = () => recentRooms.add(name)
    const attach = [
      addToRecent,
      this.timeline.attach,
      keepingChat(name, this.timeline),
      this.mesh.attach,
      this.roundTrips.attach,
    ]
    this.sharing = new Sharing(name)
    this.session = new RoomSession({ name, attach })
    this.timeline.onmessage = (message) => {
      const receivers = this.people.filter(({ id }) => id !== message.from)
      this.pulses.start(
        message.from,
        receivers.map(({ id }) => id),
      )
      if (!message.isMine) this.unread.add(message)
    }
  }

  /** Sends `text` to everyone. The chat shows it, wherever its reader was. */
  send(text: string): void {
    this.unread.answered()
    this.logScroll.toEnd()
    void this.timeline.send(text)
  }
}
