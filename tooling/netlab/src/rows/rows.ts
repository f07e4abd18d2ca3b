import type { FaultRow, Row, Step } from './row.ts'

const drop = (forS: number): readonly Step[] => [
  { atS: 0, do: 'drop', side: 'A', packets: 'udp' },
  { atS: forS, do: 'pass', side: 'A', marks: 'back' },
]

const linkDown = (forS: number): readonly Step[] => [
  { atS: 0, do: 'link-down', side: 'A' },
  { atS: forS, do: 'link-up', side: 'A', marks: 'back' },
]

const changeAddress: readonly Step[] = [{ atS: 0, do: 'change-address', side: 'A', marks: 'back' }]

/** The server is killed before the fault, and is back after it. */
const withoutServer = (forS: number, steps: readonly Step[]): readonly Step[] => [
  { atS: 0, do: 'kill-signaling' },
  ...steps,
  { atS: forS, do: 'start-signaling', marks: 'server-back' },
]

const dropRow = (forS: number): FaultRow => ({
  type: 'fault',
  name: `drop${forS}`,
  title: `UDP dropped for ${forS} s`,
  expects: 'heal',
  steps: drop(forS),
})

/** Every row of the laboratory. */
export const rows: readonly Row[] = [
  ...[5, 7, 8, 10, 12, 15, 20, 25, 30, 35, 40, 60].map(dropRow),
  {
    type: 'fault',
    name: 'down5',
    title: 'link down for 5 s, same address',
    expects: 'heal',
    steps: linkDown(5),
  },
  {
    type: 'fault',
    name: 'down20',
    title: 'link down for 20 s, same address',
    expects: 'heal',
    steps: linkDown(20),
  },
  {
    type: 'fault',
    name: 'swap',
    title: 'address changed in place',
    expects: 'heal',
    steps: changeAddress,
  },
  {
    type: 'fault',
    name: 'roam',
    title: 'other network: link down, another up behind another router',
    expects: 'heal',
    steps: [{ atS: 0, do: 'move-to-spare', marks: 'back' }],
  },
  {
    type: 'fault',
    name: 'natlost',
    title: 'NAT mapping lost (symmetric and full cone)',
    nats: { A: 'symmetric', B: 'fullcone' },
    expects: 'heal',
    steps: [{ atS: 0, do: 'forget-mappings', side: 'A', marks: 'back' }],
  },
  {
    type: 'fault',
    name: 'away60drop20',
    title: 'server away for 60 s, UDP dropped for 20 s',
    expects: 'heal',
    steps: withoutServer(60, drop(20)),
  },
  {
    type: 'fault',
    name: 'away60drop20third',
    title: 'the same, with a third member that reaches both',
    members: ['A', 'B', 'C'],
    expects: 'heal',
    steps: withoutServer(60, [
      { atS: 0, do: 'drop', side: 'A', packets: 'udp', with: 'B' },
      { atS: 20, do: 'pass', side: 'A', marks: 'back' },
    ]),
  },
]
