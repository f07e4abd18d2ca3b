import type { Random } from '@skein/protocol/testing'
import type { ChromiumTab } from '../browsers/browser.ts'
import { bandwidthDelayBytes, lossPattern } from '../measure/gilbert-elliott.ts'
import { isNoProcess } from '../network/namespaces.ts'
import { noFault, servers } from '../network/network.ts'
import { clientOf, routerOf, type Side, wan4, wan6 } from '../network/sides.ts'
import type { Action, Degradation } from '../rows/row.ts'
import { serverKinds, signalPort } from '../servers/server-kind.ts'
import type { Stage } from './stage.ts'
import type { Trial } from './trial.ts'

/** Where an action happens. */
export interface Scene {
  readonly stage: Stage
  readonly trials: readonly Trial[]
  /** For losses. */
  readonly random?: Random
}

/** Does it, and resolves with the time at which it took effect. */
export async function act(scene: Scene, action: Action): Promise<number> {
  const at = await actOnNetwork(scene, action)
  // Servers know the time at which they listened better than by the end of the call.
  return typeof at === 'number' ? at : Date.now()
}

async function actOnNetwork(scene: Scene, action: Action): Promise<unknown> {
  const { network } = scene.stage
  switch (action.do) {
    case 'drop':
      return drop(scene.stage, action)
    case 'pass':
      return network.pass(action.side)
    case 'link-down':
      return network.linkDown(action.side)
    case 'link-up':
      return network.linkUp(action.side)
    case 'change-address':
      return network.changeAddress(action.side)
    case 'forget-mappings':
      return network.forgetMappings(action.side)
    case 'move-to-spare':
      return network.moveToSpare()
    case 'degrade':
      return degrade(scene, action)
    default:
      return actOnServer(scene, action)
  }
}

type DropAction = Extract<Action, { readonly do: 'drop' }>
type DegradeAction = Extract<Action, { readonly do: 'degrade' }>
type NetworkAction =
  | DropAction
  | DegradeAction
  | Extract<
      Action,
      {
        readonly do:
          | 'pass'
          | 'link-down'
          | 'link-up'
          | 'change-address'
          | 'forget-mappings'
          | 'move-to-spare'
      }
    >
type ServerAction = Extract<Action, { readonly do: `${string}-signaling` | `${string}-turn` }>

async function actOnServer(scene: Scene, action: Exclude<Action, NetworkAction>): Promise<unknown> {
  const { network, signaling, turn } = scene.stage
  switch (action.do) {
    case 'kill-signaling':
      return signaling.kill()
    case 'start-signaling':
      return signaling.start()
    case 'hide-signaling':
      return network.namespaces.nft(servers, hideSignaling)
    case 'show-signaling':
      return network.namespaces.nft(servers, noFault)
    case 'kill-turn':
      return turn.kill()
    case 'start-turn':
      return turn.restart()
    case 'refuse-turn':
      return turn.refuse()
    default:
      return actOnBrowser(scene, action)
  }
}

async function actOnBrowser(
  { stage, trials }: Scene,
  action: Exclude<Action, NetworkAction | ServerAction>,
): Promise<unknown> {
  switch (action.do) {
    case 'freeze-browser':
      return signalBrowser(stage, action.side, 'SIGSTOP')
    case 'thaw-browser':
      return signalBrowser(stage, action.side, 'SIGCONT')
    case 'kill-browser':
      return signalBrowser(stage, action.side, 'SIGKILL')
    case 'navigate':
      await Promise.all(tabsOf(trials, action.side).map((tab) => tab.navigateAway()))
      return
    case 'crash-tab':
      return onChromium(trials, action.side, crash)
    case 'hide-tab':
      return onChromium(trials, action.side, (tab) => tab.hide())
    case 'show-tab':
      return onChromium(trials, action.side, (tab) => tab.show())
    case 'freeze-tab':
      return onChromium(trials, action.side, (tab) => setLifecycle(tab, 'frozen'))
    case 'thaw-tab':
      return onChromium(trials, action.side, (tab) => setLifecycle(tab, 'active'))
    case 'close-connections':
      await Promise.all(tabsOf(trials, action.side).map((tab) => tab.call('breakConnections')))
      return
    case 'wait':
      return
  }
}

function drop(stage: Stage, { side, packets, way, share, with: other }: DropAction): void {
  const which = {
    udp: 'meta l4proto udp',
    all: '',
    ip4: 'meta nfproto ipv4',
    ip6: 'meta nfproto ipv6',
  }
  const from = way === 'out' ? 'iifname "lan"' : ''
  const luck = share === undefined ? '' : `numgen random mod 100 < ${share}`
  const lines = peersOf(other).map((peer) => `${from} ${which[packets]} ${peer} ${luck} drop`)
  const chain = `type filter hook forward priority -10;\n${lines.join('\n')}`
  stage.network.namespaces.nft(
    routerOf(side).namespace,
    `${noFault}table inet fault {\nchain forward {\n${chain}\n}\n}\n`,
  )
}

/** Matches packets to and from the router of a side; without one, all packets. */
function peersOf(side: Side | undefined): readonly string[] {
  if (side === undefined) return ['']
  const [ip4, ip6] = [wan4(routerOf(side)), wan6(routerOf(side))]
  return [`ip daddr ${ip4}`, `ip saddr ${ip4}`, `ip6 daddr ${ip6}`, `ip6 saddr ${ip6}`]
}

const signalPorts = serverKinds.map(signalPort).join(', ')
const hideSignaling = `${noFault}table inet fault {
  chain input { type filter hook input priority -10; tcp dport { ${signalPorts} } drop; }
  chain output { type filter hook output priority -10; tcp sport { ${signalPorts} } drop; }
}\n`

async function degrade(scene: Scene, { side, cable }: DegradeAction): Promise<void> {
  await scene.stage.network.cableOf(side).set(toSettings(cable, scene))
}

function toSettings(
  { losses, rateKbit, delayMs = 0 }: Degradation,
  { stage, random = Math.random }: Pick<Scene, 'stage' | 'random'>,
) {
  const ownDelayMs = stage.options.delayMs + delayMs
  // There and back, through the cable of this side and that of the other.
  const roundTripMs = 2 * (ownDelayMs + stage.options.delayMs)
  return {
    delayMs: ownDelayMs,
    ...(losses && { losses: lossPattern(losses, packetCount, random) }),
    ...(rateKbit !== undefined && {
      rateKbit,
      queueBytes: Math.max(minQueueBytes, bandwidthDelayBytes(rateKbit, roundTripMs)),
    }),
  }
}

/** As many as the cable can hold. */
const packetCount = 65_536
/** Two packets of full size. */
const minQueueBytes = 3_000

function signalBrowser(stage: Stage, side: Side, signal: NodeJS.Signals): void {
  for (const pid of stage.network.namespaces.pids(clientOf(side))) {
    try {
      process.kill(pid, signal)
    } catch (error) {
      if (!isNoProcess(error)) throw error
    }
  }
}

const tabsOf = (trials: readonly Trial[], side: Side) =>
  trials.flatMap(({ members }) => members.filter((one) => one.side === side).map(({ tab }) => tab))

async function onChromium(
  trials: readonly Trial[],
  side: Side,
  task: (tab: ChromiumTab) => Promise<unknown>,
): Promise<void> {
  await Promise.all(
    tabsOf(trials, side).map(({ chromium }) => {
      if (!chromium) throw new Error(`${side} is not a Chromium`)
      return task(chromium)
    }),
  )
}

/** The answer never comes: the renderer is gone. */
async function crash({ devTools }: ChromiumTab): Promise<void> {
  devTools.send('Page.crash').catch(() => null)
}

const setLifecycle = ({ devTools }: ChromiumTab, state: 'frozen' | 'active') =>
  devTools.send('Page.setWebLifecycleState', { state })
