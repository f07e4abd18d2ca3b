import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { settingEntries } from '@skein/signal/reference'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { read, root } from './repository.ts'

interface Service {
  readonly image?: string
  readonly build?: string
  readonly restart: string
  readonly command?: string
  readonly environment?: Readonly<Record<string, string>>
  readonly volumes?: readonly string[]
  readonly networks?: readonly string[]
  readonly network_mode?: string
  readonly ports?: readonly string[]
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>
  readonly cap_drop?: readonly string[]
  readonly security_opt?: readonly string[]
  readonly healthcheck?: { readonly test: readonly string[] }
  readonly stop_grace_period?: string
}
interface Compose {
  readonly services: Readonly<Record<string, Service>>
  readonly networks: Readonly<
    Record<string, { ipam?: { config: readonly { subnet: string }[] }; internal?: boolean }>
  >
  readonly volumes: Readonly<Record<string, null>>
}

const text = read('compose.yaml')
// The parser is strict: a duplicate key is an error.
const compose: Compose = parse(text)
const services = Object.entries(compose.services)
const variables = new Set([...text.matchAll(/\$\{(\w+)/g)].map(([, name = '']) => name))
const example = read('deploy/compose.env.example')

test('a deployment consists of the server, Caddy, coturn and an optional store', () => {
  expect(Object.keys(compose.services)).toEqual(['skein', 'caddy', 'coturn', 'valkey'])
})

test.for(services)(
  '%s has a pinned version, restarts by itself, and has a health check',
  ([, service]) => {
    expect(service.build ?? service.image).toMatch(/^(\.|[\w./-]+:\d+\.\d+[\w.-]*)$/)
    expect(service.restart).toBe('unless-stopped')
    const healthcheck = service.build === undefined ? service.healthcheck : read('Dockerfile')
    expect(healthcheck).toBeDefined()
  },
)

test.for(services)('%s drops all capabilities and cannot gain privileges', ([, service]) => {
  expect(service.cap_drop).toEqual(['ALL'])
  expect(service.security_opt).toContain('no-new-privileges:true')
})

test.for(services)(
  'the files, networks, volumes and services that %s names exist',
  ([, service]) => {
    for (const volume of service.volumes ?? []) {
      const [source = ''] = volume.split(':')
      expect(
        source.startsWith('./') ? existsSync(join(root, source)) : source in compose.volumes,
      ).toBe(true)
    }
    for (const network of service.networks ?? []) expect(compose.networks).toHaveProperty(network)
    for (const name of Object.keys(service.depends_on ?? {}))
      expect(compose.services).toHaveProperty(name)
  },
)

test('only Caddy and coturn can be reached from outside', () => {
  const open = services.filter(([, { ports, network_mode }]) => ports ?? network_mode)
  expect(open.map(([name]) => name)).toEqual(['caddy', 'coturn'])
  expect(compose.networks.store?.internal).toBe(true)
  expect(compose.services.valkey?.networks).toEqual(['store'])
})

test('the settings of the server exist, and it trusts the network that Caddy connects from', () => {
  const known = settingEntries().map(({ env }) => env)
  const environment = compose.services.skein?.environment ?? {}
  expect(Object.keys(environment).filter((name) => !known.includes(name))).toEqual([])
  expect(environment.SKEIN_TRUST_PROXY).toBe(compose.networks.web?.ipam?.config[0]?.subnet)
})

test('the server keeps its secret in a volume, where the image expects it', () => {
  const [, directory] = /^ENV SKEIN_STATE_DIR=(\S+)$/m.exec(read('Dockerfile')) ?? []
  expect(compose.services.skein?.volumes).toEqual([`skein-state:${directory}`])
})

test('the server is not killed while it drains', () => {
  expect(Number.parseInt(compose.services.skein?.stop_grace_period ?? '', 10)).toBeGreaterThan(10)
})

test('the server and coturn share the same secret', () => {
  const secret = /\$\{SKEIN_TURN_SECRET/
  expect(compose.services.skein?.environment?.SKEIN_TURN_SECRET).toMatch(secret)
  expect(compose.services.coturn?.command).toMatch(/--static-auth-secret=\$\{SKEIN_TURN_SECRET\}/)
})

test('the example lists every variable, and no other', () => {
  const named = [...example.matchAll(/^#?([A-Z][A-Z_]+)=/gm)].map(([, name = '']) => name)
  // Docker Compose itself reads the COMPOSE_ variables.
  const ours = named.filter((name) => !name.startsWith('COMPOSE_'))
  expect(ours.toSorted()).toEqual([...variables].toSorted())
})

test('the variables that the Caddyfile reads are set', () => {
  const used = [...read('deploy/caddy/Caddyfile').matchAll(/\{\$(\w+)/g)].map(
    ([, name = '']) => name,
  )
  expect(used).toEqual(Object.keys(compose.services.caddy?.environment ?? {}))
  expect(compose.services.caddy?.environment?.UPSTREAM).toBe('skein')
})
