import { createHash } from 'node:crypto'
import type { CommandArgs, Commands } from './redis-connection.ts'

/** A Lua script, called by the hash of its text. */
export class Script {
  readonly #text: string
  readonly #hash: string

  constructor(text: string) {
    this.#text = text
    this.#hash = createHash('sha1').update(text).digest('hex')
  }

  /** Runs the script. Its text is sent only when Redis does not have it cached. */
  async run(
    redis: Commands,
    { key, args }: { readonly key: string; readonly args: CommandArgs },
  ): Promise<unknown> {
    const rest = ['1', key, ...args]
    try {
      return await redis.send(['EVALSHA', this.#hash, ...rest])
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error
      return await redis.send(['EVAL', this.#text, ...rest])
    }
  }
}
