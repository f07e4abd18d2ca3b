import type { Contestant } from './contestants.ts'
import { Crowd } from './crowd.ts'
import { type Generator, startGenerator } from './generator.ts'
import type { Cores } from './pin.ts'
import { type RedisProcess, startRedis } from './redis-process.ts'
import { stripServers } from './server-code.ts'
import { type ServerProcess, startProcess } from './server-process.ts'

/** The generator, and the core that the servers share. */
export class Stage {
  readonly generator: Generator
  readonly #where: Place
  readonly #servers = new Set<{ readonly stop: () => void }>()

  private constructor(generator: Generator, where: Place) {
    this.generator = generator
    this.#where = where
  }

  static async set(cores: Cores | null): Promise<Stage> {
    const generator = await startGenerator(cores?.generator ?? null)
    return new Stage(generator, { folder: await stripServers(), core: cores?.server ?? null })
  }

  /** A fresh server of that contestant. */
  async start({ script, args = [] }: Contestant): Promise<ServerProcess> {
    const server = await startProcess({ script, args }, this.#where)
    this.#servers.add(server)
    return server
  }

  /** People of that contestant's kind, none of whom has come yet. */
  gather(contestant: Contestant, { server, ...crowd }: Gathering): Promise<Crowd> {
    return this.gatherAt([server.port], contestant, crowd)
  }

  /** The same for several servers: they take them in turn. */
  gatherAt(
    ports: readonly number[],
    { dialect }: Contestant,
    crowd: Omit<Gathering, 'server'>,
  ): Promise<Crowd> {
    return Crowd.gather(this.generator, { dialect, ports, ...crowd })
  }

  async startRedis(): Promise<RedisProcess> {
    const redis = await startRedis(this.#where.core)
    this.#servers.add(redis)
    return redis
  }

  strike(): void {
    for (const server of this.#servers) server.stop()
    this.generator.close()
  }
}

/** Where the servers run. */
interface Place {
  readonly folder: string
  readonly core: number | null
}

export interface Gathering {
  readonly server: ServerProcess
  readonly roomSize: number
  readonly capacity: number
  readonly joins?: Crowd
}
