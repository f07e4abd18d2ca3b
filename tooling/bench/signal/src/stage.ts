import type { Contestant } from './contestants.ts'
import { Crowd } from './crowd.ts'
import { type Generator, startGenerator } from './generator.ts'
import type { Cores } from './pin.ts'
import { type RedisProcess, startRedis } from './redis-process.ts'
import { stripServers } from './server-code.ts'
import { type ServerProcess, startProcess } from './server-process.ts'

/** The load generator, and the core that the servers share. */
export class Stage {
  readonly generator: Generator
  readonly #where: Place
  readonly #servers = new Set<{ readonly stop: () => void }>()

  private constructor(generator: Generator, where: Place) {
    this.generator = generator
    this.#where = where
  }

  static async open(cores: Cores | null): Promise<Stage> {
    const generator = await startGenerator(cores?.generator ?? null)
    return new Stage(generator, { folder: await stripServers(), core: cores?.server ?? null })
  }

  /** Starts a new server of this contestant. */
  async start({ script, args = [] }: Contestant): Promise<ServerProcess> {
    const server = await startProcess({ script, args }, this.#where)
    this.#servers.add(server)
    return server
  }

  /** A crowd for this contestant; it opens no connections yet. */
  openCrowd(contestant: Contestant, { server, ...crowd }: CrowdPlan): Promise<Crowd> {
    return this.openCrowdAt([server.port], contestant, crowd)
  }

  /** The same for several servers, which the members use in turn. */
  openCrowdAt(
    ports: readonly number[],
    { dialect }: Contestant,
    crowd: Omit<CrowdPlan, 'server'>,
  ): Promise<Crowd> {
    return Crowd.create(this.generator, { dialect, ports, ...crowd })
  }

  async startRedis(): Promise<RedisProcess> {
    const redis = await startRedis(this.#where.core)
    this.#servers.add(redis)
    return redis
  }

  close(): void {
    for (const server of this.#servers) server.stop()
    this.generator.close()
  }
}

/** Where the servers run. */
interface Place {
  readonly folder: string
  readonly core: number | null
}

export interface CrowdPlan {
  readonly server: ServerProcess
  readonly roomSize: number
  readonly capacity: number
  readonly joins?: Crowd
}
