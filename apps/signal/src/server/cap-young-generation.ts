import { setFlagsFromString } from 'node:v8'

/**
 * Keeps the space for young objects as large as it is, 16 MiB after the start: a storm of newcomers
 * would let it grow to 128 MiB, which is not given back and is more than 10,000 members need. For
 * the command alone: it holds for the whole process.
 */
export const capYoungGeneration = (): void => {
  setFlagsFromString('--semi-space-growth-factor=1')
}
