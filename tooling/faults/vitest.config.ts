import { needs } from '@skein/needs'
import { configDefaults, defineConfig } from 'vitest/config'

const withRedis = ['nodes.test.ts', 'redis.test.ts']

export default defineConfig({
  ssr: { resolve: { conditions: ['@skein/source'] } },
  test: {
    exclude: [...configDefaults.exclude, ...(needs('redis-server') ? [] : withRedis)],
    reporters: ['default', ['json', { outputFile: 'test-results/vitest.json' }]],
    // A node is frozen for 20 s, and several stages share the machine.
    testTimeout: 150_000,
    hookTimeout: 30_000,
    // Most of the time is spent waiting, but each testBed has three nodes that have to start.
    maxWorkers: 2,
    maxConcurrency: 3,
  },
})
