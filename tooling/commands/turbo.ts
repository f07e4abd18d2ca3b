import type { Command } from './run.ts'

/** The command that runs turbo without telemetry and without checking for updates. */
export function turbo(args: readonly string[]): Command {
  const env = { TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' }
  return { file: 'turbo', args: ['run', ...args, '--no-update-notifier'], env }
}
