import { setFlagsFromString } from 'node:v8'

/**
 * Caps the young generation of the V8 heap at its current size, 16 MiB after the start. When many
 * clients connect at once it would grow to 128 MiB, which V8 does not give back and which is more
 * than 10,000 members need. Affects the whole process, so only the command calls it.
 */
export const capYoungGeneration = (): void => {
  setFlagsFromString('--semi-space-growth-factor=1')
}
