export * from './bad-frames.ts'
export * from './fixtures.ts'
export * from './random.ts'
export * from './random-messages.ts'
