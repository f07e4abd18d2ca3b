import { Member, type MemberOptions, type ReadPath } from './member.ts'
import type { Identity, MemberLog } from './member-log.ts'
import { breakConnections } from './watched-connection.ts'

let member: Member | null = null

const current = (): Member => {
  if (!member) throw new Error('no member: call join first')
  return member
}

/** What the laboratory calls in a page. Arguments and results are JSON. */
const netlab = {
  /** Resolves with the time at which `joinRoom` was called. */
  async join(options: MemberOptions): Promise<number> {
    const calledAt = Date.now()
    member = await Member.join(options)
    return calledAt
  },
  identity: (): Identity => current().identity,
  isFlowing: (names: readonly string[]): boolean => member?.isFlowing(names) ?? false,
  freshAt: ({ name, since }: { readonly name: string; readonly since: number }): number | null =>
    current().freshAt(name, since),
  hasNewFrom: ({ names, since }: { readonly names: readonly string[]; readonly since: number }) =>
    current().hasNewFrom(names, since),
  hasPeer: (name: string): boolean => current().hasPeer(name),
  readPath: (name: string): Promise<ReadPath> => current().readPath(name),
  log: (): MemberLog => current().log(),
  breakConnections,
  stopSending: (): void => current().stopSending(),
  async leave(): Promise<void> {
    const leaving = member
    member = null
    await leaving?.leave()
  },
}

export type Netlab = typeof netlab

declare global {
  interface Window {
    netlab: Netlab
  }
}

window.netlab = netlab
