import type { Entry, Message, Notice, RoomEvent } from './entries.ts'

/** Several events of a room that are told in one line. */
export interface NoticeLine {
  readonly event: RoomEvent
  /** Of all that it happened to, in order; empty if the event is not about people. */
  readonly names: readonly string[]
}

/** What the log shows, in order. */
export type LogItem =
  | {
      readonly type: 'message'
      readonly key: string
      readonly message: Message
      /** Goes on what the same person said just before: the name is not repeated. */
      readonly isContinuation: boolean
    }
  | {
      readonly type: 'notices'
      readonly key: string
      readonly at: Date
      readonly lines: readonly NoticeLine[]
    }
  | { readonly type: 'unread'; readonly key: string; readonly at: Date }

/** After this, the same person starts anew, with name and time. */
const pauseMs = 5 * 60_000

/** Groups messages by speaker, and folds the notices between two messages into a few lines. */
export function foldEntries(
  entries: readonly Entry[],
  unread: { readonly key: string; readonly at: Date } | null = null,
): readonly LogItem[] {
  const items: LogItem[] = []
  let before: Message | null = null
  let run: Notice[] = []
  const endRun = () => {
    const [first] = run
    const lines = foldNotices(run)
    if (first && lines.length > 0) {
      items.push({ type: 'notices', key: first.key, at: run.at(-1)?.at ?? first.at, lines })
      before = null
    }
    run = []
  }
  for (const entry of entries) {
    if (entry.kind === 'notice') {
      run.push(entry)
      continue
    }
    endRun()
    if (entry.key === unread?.key) {
      items.push({ type: 'unread', key: 'unread', at: unread.at })
      before = null
    }
    const isContinuation = before !== null && goesOn(before, entry)
    items.push({ type: 'message', key: entry.key, message: entry, isContinuation })
    before = entry
  }
  endRun()
  return items
}

const goesOn = (before: Message, message: Message): boolean =>
  before.from === message.from &&
  before.name === message.name &&
  message.at.getTime() - before.at.getTime() < pauseMs &&
  before.at.toDateString() === message.at.toDateString()

/** One line for everyone who joined, one for who left, and so on; only the last host counts. */
function foldNotices(notices: readonly Notice[]): readonly NoticeLine[] {
  const lines: Lines = new Map()
  for (const { event } of notices) if (!endsAbsence(lines, event)) addLine(lines, event)
  return [...lines.values()]
}

type Lines = Map<RoomEvent['type'], { event: RoomEvent; readonly names: string[] }>

function addLine(lines: Lines, event: RoomEvent): void {
  const line = lines.get(event.type) ?? { event, names: [] }
  // The last host is told where it became one.
  if (event.type === 'host') lines.delete('host')
  else if ('name' in event && !line.names.includes(event.name)) line.names.push(event.name)
  line.event = event
  lines.set(event.type, line)
}

/** A member or a server that was away for a moment only is not worth a line. */
function endsAbsence(lines: Lines, event: RoomEvent): boolean {
  if (event.type === 'back') return lines.delete('away')
  if (event.type !== 'member-back') return false
  const names = lines.get('member-away')?.names ?? []
  const index = names.indexOf(event.name)
  if (index < 0) return false
  names.splice(index, 1)
  if (names.length === 0) lines.delete('member-away')
  return true
}
