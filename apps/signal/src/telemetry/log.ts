import { type DestinationStream, type Logger, pino } from 'pino'

export type Log = Logger

export type LogLevel = (typeof logLevels)[number]
export const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const

/**
 * Creates a log that writes JSON lines, by default to stdout. Never log SDP, candidates, tokens,
 * addresses, presence or room names: what people say and where they are is private.
 */
export const createLog = ({
  level,
  destination,
}: {
  readonly level: LogLevel
  readonly destination?: DestinationStream | undefined
}): Log => {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string): object => ({ level: label }) },
  }
  return destination === undefined ? pino(options) : pino(options, destination)
}

/** The loggable part of an error, without its message: that may quote what a client sent. */
export const errorFields = (error: unknown): object =>
  error instanceof Error
    ? { error: error.name, stack: error.stack?.split('\n').filter((line) => /^ {4}at /.test(line)) }
    : { error: typeof error }
