import type { Step } from './row.ts'

export const drop = (forS: number): readonly Step[] => [
  { atS: 0, do: 'drop', side: 'A', packets: 'udp' },
  { atS: forS, do: 'pass', side: 'A', marks: 'back' },
]

/** UDP between A and B alone: both reach a third member and the servers. */
export const dropBetween = (forS: number): readonly Step[] => [
  { atS: 0, do: 'drop', side: 'A', packets: 'udp', with: 'B' },
  { atS: forS, do: 'pass', side: 'A', marks: 'back' },
]

export const linkDown = (forS: number): readonly Step[] => [
  { atS: 0, do: 'link-down', side: 'A' },
  { atS: forS, do: 'link-up', side: 'A', marks: 'back' },
]

export const changeAddress: readonly Step[] = [
  { atS: 0, do: 'change-address', side: 'A', marks: 'back' },
]

export const restartTurn: readonly Step[] = [
  { atS: 0, do: 'kill-turn' },
  { atS: 1, do: 'start-turn', marks: 'back' },
]

/** The server is killed when the fault begins, and is back later. */
export const withoutServer = (forS: number, steps: readonly Step[]): readonly Step[] => [
  { atS: 0, do: 'kill-signaling' },
  ...steps,
  { atS: forS, do: 'start-signaling', marks: 'server-back' },
]

export const sleep = (forS: number): readonly Step[] => [
  { atS: 0, do: 'link-down', side: 'A' },
  { atS: 0, do: 'freeze-browser', side: 'A' },
  { atS: forS, do: 'link-up', side: 'A' },
  { atS: forS, do: 'thaw-browser', side: 'A', marks: 'back' },
]

export const frozenBrowser = (forS: number): readonly Step[] => [
  { atS: 0, do: 'freeze-browser', side: 'A' },
  { atS: forS, do: 'thaw-browser', side: 'A', marks: 'back' },
]
