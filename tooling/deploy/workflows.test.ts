import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { read, root } from './repository.ts'

interface Step {
  readonly uses?: string
  readonly run?: string
}
interface Job {
  readonly steps: readonly Step[]
  readonly 'timeout-minutes': number
  readonly strategy?: { readonly matrix: Readonly<Record<string, readonly (string | number)[]>> }
}
interface Workflow {
  readonly jobs: Readonly<Record<string, Job>>
  readonly permissions: Readonly<Record<string, string>>
}

const workflows = ['ci', 'release'].map((name) => {
  const workflow: Workflow = parse(read(`.github/workflows/${name}.yml`))
  return { name, ...workflow }
})
const jobs = workflows.flatMap((workflow) =>
  Object.entries(workflow.jobs).map(([name, job]) => ({ name: `${workflow.name}: ${name}`, job })),
)
const ci = workflows[0]?.jobs

test.for(jobs)('$name has a timeout, and pins each action to a commit', ({ job }) => {
  expect(job['timeout-minutes']).toBeLessThanOrEqual(90)
  const actions = job.steps.flatMap(({ uses }) => uses ?? [])
  expect(actions.filter((action) => !/@[0-9a-f]{40}$/.test(action))).toEqual([])
})

test('CI runs .ci/run, on the oldest supported Node and on a newer one', () => {
  expect(ci?.test?.steps.map(({ run }) => run)).toContain('.ci/run')
  const { engines }: { engines: { node: string } } = JSON.parse(read('package.json'))
  const [oldest] = ci?.test?.strategy?.matrix.node ?? []
  expect(engines.node).toBe(`>=${oldest}`)
})

test('store and bus are tested against Redis 7 and 8 and Valkey 8', () => {
  const job = ci?.stores
  expect(job?.strategy?.matrix.store).toEqual(['redis:7', 'redis:8', 'valkey/valkey:8'])
  const command = job?.steps.find(({ run }) => run !== undefined)?.run ?? ''
  const files = command.split(' ').filter((word) => word.endsWith('.test.ts'))
  expect(files).toHaveLength(2)
  expect(files.filter((file) => !existsSync(join(root, 'apps/signal', file)))).toEqual([])
  expect(files.filter((file) => !read(`apps/signal/${file}`).includes('openRedis()'))).toEqual([])
})
