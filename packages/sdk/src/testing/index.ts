export * from './virtual-clock.ts'
export * from './fake-network.ts'
export * from './seeds.ts'
