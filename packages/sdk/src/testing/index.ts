export * from './fake-network.ts'
export * from './seeds.ts'
export * from './virtual-clock.ts'
export * from './fake-socket.ts'
