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
// Strict: a key that stands there twice is an error.
const compose: Compose = parse(text)
const services = Object.entries(compose.services)
const variables = new Set([...text.matchAll(/\$\{(\w+)/g)].map(([, name = '']) => name))
const example = read('deploy/compose.env.example')

test('a deployment is the server, TLS before it, TURN beside it, and a store when asked for', () => {
  expect(Object.keys(compose.services)).toEqual(['skein', 'caddy', 'coturn', 'valkey'])
})

test.for(services)('%s has a version, comes back by itself, and tells how it is', ([, service]) => {
  expect(service.build ?? service.image).toMatch(/^(\.|[\w./-]+:\d+\.\d+[\w.-]*)$/)
  expect(service.restart).toBe('unless-stopped')
  const own = service.build === undefined ? service.healthcheck : read('Dockerfile')
  expect(own).toBeDefined()
})

test.for(services)('%s may do no more than it has to', ([, service]) => {
  expect(service.cap_drop).toEqual(['ALL'])
  expect(service.security_opt).toContain('no-new-privileges:true')
})

test.for(services)(
  '%s finds the files, networks, volumes and services that it names',
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

test('the server is given settings that it has, and believes the network that Caddy speaks from', () => {
  const known = settingEntries().map(({ env }) => env)
  const given = compose.services.skein?.environment ?? {}
  expect(Object.keys(given).filter((name) => !known.includes(name))).toEqual([])
  expect(given.SKEIN_TRUST_PROXY).toBe(compose.networks.web?.ipam?.config[0]?.subnet)
})

test('the server is not killed while it says goodbye', () => {
  expect(Number.parseInt(compose.services.skein?.stop_grace_period ?? '', 10)).toBeGreaterThan(10)
})

test('the secret of the server and of coturn is the same one', () => {
  const secret = /\$\{SKEIN_TURN_SECRET/
  expect(compose.services.skein?.environment?.SKEIN_TURN_SECRET).toMatch(secret)
  expect(compose.services.coturn?.command).toMatch(/--static-auth-secret=\$\{SKEIN_TURN_SECRET\}/)
})

test('every variable is in the example, and nothing else is', () => {
  const named = [...example.matchAll(/^#?([A-Z][A-Z_]+)=/gm)].map(([, name = '']) => name)
  // What Docker Compose reads itself.
  const own = named.filter((name) => !name.startsWith('COMPOSE_'))
  expect(own.toSorted()).toEqual([...variables].toSorted())
})

test('what the Caddyfile asks of its environment it is given', () => {
  const asked = [...read('deploy/caddy/Caddyfile').matchAll(/\{\$(\w+)/g)].map(
    ([, name = '']) => name,
  )
  expect(asked).toEqual(Object.keys(compose.services.caddy?.environment ?? {}))
  expect(compose.services.caddy?.environment?.UPSTREAM).toBe('skein')
})
