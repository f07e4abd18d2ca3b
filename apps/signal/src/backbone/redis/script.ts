import { createHash } from 'node:crypto'
import type { Commands, Words } from './redis-connection.ts'

/** A script as Redis knows it: by the hash of its text. */
export class Script {
  readonly #text: string
  readonly #hash: string

  constructor(text: string) {
    this.#text = text
    this.#hash = createHash('sha1').update(text).digest('hex')
  }

  /** Runs it; the text is sent only where it is not known. */
  async run(
    redis: Commands,
    { key, words }: { readonly key: string; readonly words: Words },
  ): Promise<unknown> {
    const rest = ['1', key, ...words]
    try {
      return await redis.send(['EVALSHA', this.#hash, ...rest])
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error
      return await redis.send(['EVAL', this.#text, ...rest])
    }
  }
}
