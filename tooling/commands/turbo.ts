import type { Command } from './run.ts'

/** What starts turbo: it phones nobody, and asks nobody for a newer one. */
export function turbo(args: readonly string[]): Command {
  const env = { TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' }
  return { file: 'turbo', args: ['run', ...args, '--no-update-notifier'], env }
}
