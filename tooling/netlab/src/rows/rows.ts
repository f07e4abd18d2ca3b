import type { Side } from '../network/sides.ts'
import type { FaultRow, Row, Step } from './row.ts'
import {
  changeAddress,
  drop,
  dropBetween,
  frozenBrowser,
  linkDown,
  restartTurn,
  sleep,
  withoutServer,
} from './steps.ts'

const third = ['A', 'B', 'C'] as const
const fourSides: readonly Side[] = ['A', 'B', 'C', 'D']
/** No direct path: with TURN, the link is relayed. */
const symmetric = { A: 'symmetric', B: 'symmetric' } as const
const turnKinds = ['udp', 'tcp', 'tls'] as const

type Options = Partial<Omit<FaultRow, 'type' | 'name' | 'title' | 'expects' | 'steps'>>

interface Described {
  readonly title: string
  readonly steps: readonly Step[]
}

const fault =
  (expects: FaultRow['expects']) =>
  (name: string, { title, steps }: Described, options: Options = {}): FaultRow => ({
    type: 'fault',
    name,
    title,
    expects,
    steps,
    ...options,
  })

const heals = fault('heal')
const holds = fault('steady')
const ends = fault('gone')

const paths: readonly FaultRow[] = [
  ...[5, 7, 8, 10, 12, 15, 20, 25, 30, 35, 40, 60].map((s) =>
    heals(`drop${s}`, { title: `UDP dropped ${s} s`, steps: drop(s) }),
  ),
  heals('down5', { title: 'link down 5 s, same address', steps: linkDown(5) }),
  heals('down20', { title: 'link down 20 s, same address', steps: linkDown(20) }),
  heals('swap', { title: 'address changed in place', steps: changeAddress }),
  heals('roam', {
    title: 'other network: link down, another behind another router up',
    steps: [{ atS: 0, do: 'move-to-spare', marks: 'back' }],
  }),
  heals('swap-both', {
    title: 'both change address at once',
    steps: [
      { atS: 0, do: 'change-address', side: 'A' },
      { atS: 0, do: 'change-address', side: 'B', marks: 'back' },
    ],
  }),
  heals('swap-four', {
    title: 'four address changes in 12 s',
    steps: [
      { atS: 0, do: 'change-address', side: 'A' },
      { atS: 4, do: 'change-address', side: 'A' },
      { atS: 8, do: 'change-address', side: 'A' },
      { atS: 12, do: 'change-address', side: 'A', marks: 'back' },
    ],
  }),
  heals(
    'natlost',
    {
      title: 'NAT mapping lost',
      steps: [{ atS: 0, do: 'forget-mappings', side: 'A', marks: 'back' }],
    },
    { nats: { A: 'symmetric', B: 'fullcone' } },
  ),
  heals('one-way20', {
    title: "only A's packets lost 20 s",
    steps: [
      { atS: 0, do: 'drop', side: 'A', packets: 'udp', way: 'out' },
      { atS: 20, do: 'pass', side: 'A', marks: 'back' },
    ],
  }),
  heals('close', {
    title: 'connection closed under A',
    steps: [{ atS: 0, do: 'close-connections', side: 'A', marks: 'back' }],
  }),
  heals(
    'dual6lost',
    {
      title: 'dual stack: IPv6 stops working',
      steps: [{ atS: 0, do: 'drop', side: 'A', packets: 'ip6', marks: 'back' }],
    },
    { families: 'both' },
  ),
]

const relays: readonly FaultRow[] = [
  heals(
    'turn-restart',
    { title: 'relay: TURN restarted empty', steps: restartTurn },
    { nats: symmetric, servers: turnKinds },
  ),
  heals(
    'turn-401',
    {
      title: 'relay: TURN restarted, refuses credentials for 10 s',
      steps: [
        { atS: 0, do: 'refuse-turn' },
        { atS: 10, do: 'start-turn', marks: 'back' },
      ],
    },
    { nats: symmetric, servers: turnKinds },
  ),
  heals(
    'relay-drop20',
    { title: 'relay: UDP dropped 20 s', steps: drop(20) },
    { nats: symmetric, servers: turnKinds },
  ),
  heals(
    'relay-swap',
    { title: 'relay: address changed in place', steps: changeAddress },
    { nats: symmetric, servers: turnKinds },
  ),
  heals(
    'relay-only-drop10',
    { title: "policy 'relay': UDP dropped 10 s", steps: drop(10) },
    { policy: 'relay', servers: turnKinds },
  ),
  holds(
    'renew',
    {
      title: 'relay: credentials of 30 s renewed for 80 s',
      steps: [{ atS: 80, do: 'wait' }],
    },
    { nats: symmetric, servers: turnKinds, turnTtlS: 30 },
  ),
]

const losses: readonly FaultRow[] = [
  holds('loss30', {
    title: '30 % loss for 40 s',
    steps: [
      { atS: 0, do: 'drop', side: 'A', packets: 'udp', share: 30 },
      { atS: 40, do: 'pass', side: 'A' },
    ],
  }),
  holds(
    'bursts',
    {
      title: '10 % loss in bursts of 8 packets for 40 s',
      steps: [
        { atS: 0, do: 'degrade', side: 'A', cable: { losses: { loss: 0.1, burst: 8 } } },
        { atS: 40, do: 'degrade', side: 'A', cable: {} },
      ],
    },
    { needs: ['cables'] },
  ),
  holds(
    'bursts-narrow',
    {
      title: '1 Mbit/s, 50 ms each way, a buffer of one round trip, 3 % loss in bursts, for 40 s',
      steps: [
        {
          atS: 0,
          do: 'degrade',
          side: 'A',
          cable: { rateKbit: 1_000, delayMs: 50, losses: { loss: 0.03, burst: 4 } },
        },
        { atS: 40, do: 'degrade', side: 'A', cable: {} },
      ],
    },
    { needs: ['cables'] },
  ),
]

const signaling: readonly FaultRow[] = [
  holds('hole20', {
    title: 'signaling black-holed 20 s, UDP stays',
    steps: [
      { atS: 0, do: 'hide-signaling' },
      { atS: 20, do: 'show-signaling' },
      { atS: 30, do: 'wait' },
    ],
  }),
  holds('away60', {
    title: 'server away 60 s',
    steps: [...withoutServer(60, []), { atS: 70, do: 'wait' }],
  }),
  heals('away60drop10', {
    title: 'server away 60 s, UDP dropped 10 s',
    steps: withoutServer(60, drop(10)),
  }),
  heals('away60drop20', {
    title: 'server away 60 s, UDP dropped 20 s',
    steps: withoutServer(60, drop(20)),
  }),
  heals('away40swap', {
    title: 'server away 40 s, address changed',
    steps: withoutServer(40, changeAddress),
  }),
  heals(
    'away40turn',
    {
      title: 'relay: server away 40 s, TURN restarted empty',
      steps: withoutServer(40, restartTurn),
    },
    { nats: symmetric, servers: turnKinds },
  ),
  heals(
    'away60drop20third',
    {
      title: 'server away 60 s, UDP between A and B dropped 20 s, a third member',
      steps: withoutServer(60, dropBetween(20)),
    },
    { members: third },
  ),
  heals(
    'third-forever',
    {
      title: 'server away, UDP between A and B dropped for good, a third member',
      steps: [
        { atS: 0, do: 'kill-signaling' },
        { atS: 0, do: 'drop', side: 'A', packets: 'udp', with: 'B', marks: 'back' },
      ],
    },
    { members: third },
  ),
]

const pages: readonly FaultRow[] = [
  heals('frozen15', { title: 'browser frozen 15 s (SIGSTOP)', steps: frozenBrowser(15) }),
  heals('frozen60', { title: 'browser frozen 60 s (SIGSTOP)', steps: frozenBrowser(60) }),
  heals('sleep300', {
    title: 'asleep 5 min: browser frozen, network away',
    steps: sleep(300),
  }),
  holds(
    'hidden180',
    {
      title: 'tab hidden 3 min, timers throttled',
      steps: [
        { atS: 0, do: 'hide-tab', side: 'A' },
        { atS: 180, do: 'show-tab', side: 'A' },
      ],
    },
    { needs: ['throttling'], browsers: ['chromium'] },
  ),
  heals(
    'frozen-tab60',
    {
      title: 'hidden tab frozen 60 s by its lifecycle',
      steps: [
        { atS: 0, do: 'hide-tab', side: 'A' },
        { atS: 1, do: 'freeze-tab', side: 'A' },
        { atS: 61, do: 'thaw-tab', side: 'A', marks: 'back' },
      ],
    },
    { needs: ['throttling'], browsers: ['chromium'] },
  ),
  ends('navigate', {
    title: 'A navigates away',
    steps: [{ atS: 0, do: 'navigate', side: 'A' }],
  }),
  ends(
    'crash',
    { title: "A's tab crashes", steps: [{ atS: 0, do: 'crash-tab', side: 'A' }] },
    { browsers: ['chromium'] },
  ),
  ends('kill', {
    title: "A's browser is killed",
    steps: [{ atS: 0, do: 'kill-browser', side: 'A' }],
  }),
  heals(
    'blink16',
    {
      title: 'a room of 16 whose networks all stop for 5 s',
      steps: [
        ...fourSides.map((side) => ({ atS: 0, do: 'drop', side, packets: 'all' }) as const),
        ...fourSides.map((side) => ({ atS: 5, do: 'pass', side, marks: 'back' }) as const),
      ],
    },
    {
      members: fourSides.flatMap((side) => [side, side, side, side]),
      links: 'all',
      everyMs: 500,
    },
  ),
  holds('calm60', { title: 'nothing for 60 s', steps: [{ atS: 60, do: 'wait' }] }),
]

const openings: readonly Row[] = [
  { type: 'matrix', name: 'matrix', title: '25 ordered pairs of NATs' },
  {
    type: 'matrix',
    name: 'four-pairs',
    title: '4 pairs of NATs, of which 2 have a direct path',
    pairs: [
      ['port', 'port'],
      ['symmetric', 'fullcone'],
      ['symmetric', 'symmetric'],
      ['blocked', 'port'],
    ],
  },
  {
    type: 'matrix',
    name: 'matrix-third',
    title: '25 ordered pairs of NATs, and a third member that reaches both',
    hasThird: true,
    servers: ['stun'],
  },
  {
    type: 'matrix',
    name: 'symmetric-third',
    title: 'two symmetric NATs, and a third member',
    hasThird: true,
    pairs: [['symmetric', 'symmetric']],
    servers: ['stun'],
  },
  { type: 'matrix', name: 'ip6', title: 'IPv6 alone', families: 'ip6', pairs: [['port', 'port']] },
  {
    type: 'matrix',
    name: 'dual',
    title: 'dual stack',
    families: 'both',
    pairs: [['port', 'port']],
  },
  {
    type: 'matrix',
    name: 'dual-ip6-broken',
    title: 'dual stack, IPv6 broken',
    families: 'both',
    broken: 'ip6',
    pairs: [['port', 'port']],
  },
  {
    type: 'matrix',
    name: 'dual-ip4-broken',
    title: 'dual stack, IPv4 broken',
    families: 'both',
    broken: 'ip4',
    pairs: [['port', 'port']],
  },
]

const lan = (name: string, title: string, allowed: readonly Side[] | null): Row => ({
  type: 'matrix',
  name,
  title: `one local network${title}`,
  lan: { allowed },
  pairs: [['port', 'port']],
  browsers: ['chromium'],
})

/** With a flag, Chromium asks before it connects to addresses of the local network. */
const localNetworks: readonly Row[] = [
  lan('lan', '', null),
  lan('lan-allowed', ', which both pages may use', ['A', 'B']),
  lan('lan-allowed-to-a', ', which A alone may use', ['A']),
  lan('lan-denied', ', which neither page may use', []),
]

const endurance: readonly Row[] = [
  {
    type: 'endurance',
    name: 'repairs200',
    title: '200 repairs in one page',
    repeats: 'repairs',
    times: 200,
  },
  {
    type: 'endurance',
    name: 'joins500',
    title: '500 joins and leaves of one page',
    repeats: 'joins',
    times: 500,
  },
]

/** Every row of the laboratory, in the order of the report. */
export const rows: readonly Row[] = [
  ...openings,
  ...localNetworks,
  ...paths,
  ...relays,
  ...losses,
  ...signaling,
  ...pages,
  ...endurance,
]
