/**
 * Measures in network namespaces how the links of the SDK survive faults of networks, servers and
 * browsers, and which NATs they open through. See docs/netlab.md.
 */
import { ArgumentError, readArguments } from './arguments.ts'
import { describeResult } from './report/describe-result.ts'
import { whyNot } from './requirements.ts'
import { RowRunner } from './run/run-rows.ts'

async function main(): Promise<number> {
  const args = readArguments(process.argv.slice(2))
  const reason = whyNot(args)
  if (reason !== null) throw new ArgumentError(reason)
  using runner = new RowRunner(args, (result) => console.log(describeResult(result)))
  for (const row of args.rows) await runner.run(row)
  return 0
}

try {
  process.exitCode = await main()
} catch (error) {
  if (!(error instanceof ArgumentError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
}
