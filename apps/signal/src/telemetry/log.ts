import { type DestinationStream, type Logger, pino } from 'pino'

export type Log = Logger

export type LogLevel = (typeof logLevels)[number]
export const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const

/**
 * JSON lines on stdout. What people say to each other or where they are is nobody's business: no
 * SDP, candidate, token, address, presence or room name is ever passed in here.
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

/** The part of an error that is ours to print: its message may quote what a client sent. */
export const errorFields = (error: unknown): object =>
  error instanceof Error
    ? { error: error.name, stack: error.stack?.split('\n').filter((line) => /^ {4}at /.test(line)) }
    : { error: typeof error }
