/**
 * Measures in network namespaces how the links of the SDK survive faults of networks, servers and
 * browsers, and which NATs they open through. See docs/netlab.md.
 */
import { ArgumentError, type Arguments, readArguments } from './arguments.ts'
import { describeResult } from './report/describe-result.ts'
import { readEnvironment } from './report/environment.ts'
import { merged, type Report, readReport } from './report/report.ts'
import { writeReport } from './report/write-report.ts'
import { whyNot } from './requirements.ts'
import { type Result, RowRunner } from './run/run-rows.ts'

async function main(args: Arguments): Promise<void> {
  if (args.from.length > 0) return write(args, merged(await Promise.all(args.from.map(readReport))))
  const reason = whyNot(args)
  if (reason !== null) throw new ArgumentError(reason)
  const environments = [readEnvironment(args.browsers, args.seed)]
  const results: Result[] = []
  using runner = new RowRunner(args, (result) => {
    console.log(describeResult(result))
    results.push(result)
  })
  for (const row of args.rows) {
    const leftOut = runner.whyLeftOut(row)
    if (leftOut !== null) {
      console.log(`${row.name}: left out, ${leftOut}`)
      continue
    }
    await runner.run(row)
    // After each row: a run that is interrupted keeps what it has.
    await write(args, { environments, results })
  }
}

async function write({ out }: Arguments, report: Report): Promise<void> {
  for (const file of out) await writeReport(file, report)
}

try {
  await main(readArguments(process.argv.slice(2)))
} catch (error) {
  if (!(error instanceof ArgumentError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
}
