export * from './decode-client.ts'
export * from './decode-server.ts'
export * from './encode.ts'
export * from './failure.ts'
