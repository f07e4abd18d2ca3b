import { Script } from './script.ts'

/** Stands for the identity when INFO does not report one. */
export const noIdentity = 'none'

/**
 * The identity of the store, which changes whenever its last writes may be lost. It joins the run
 * ID, which differs after each start and on each server, with the second replication ID, which a
 * replica that becomes master sets without starting a new run. The first replication ID would not
 * do: it also changes without a loss, for example when the first replica connects.
 */
const identity = `
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
local former = string.match(redis.call('INFO', 'replication'), 'master_replid2:(%w+)')
local identity = run and former and run .. '-' .. former or '${noIdentity}'
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
`

/**
 * Compare-and-set for a room: writes the change and publishes it to the nodes concerned, or does
 * neither.
 *
 * ARGV: the expected version, the store it was written to, the clock of the change, the tolerance
 * for that clock, the expected identity; then, to write: the new version ("" to write nothing),
 * format, epoch, text, and TTL; then pairs of a channel and what to publish there before the text.
 *
 * Replies [1, now], or [0, now, identity, version, store, format, epoch, text].
 */
export const commitScript: Script = new Script(`${identity}
local found = redis.call('HMGET', KEYS[1], 'v', 's', 'f', 'e', 'b')
local version = found[1] or '0'
local store = found[2] or ''
local isLate = math.abs(now - tonumber(ARGV[3])) > tonumber(ARGV[4])
if version ~= ARGV[1] or store ~= ARGV[2] or identity ~= ARGV[5] or isLate then
  return {0, string.format('%.0f', now), identity, version, store,
    found[3] or '', found[4] or '', found[5] or ''}
end
if ARGV[6] ~= '' then
  redis.call('HSET', KEYS[1], 'v', ARGV[6], 's', identity, 'f', ARGV[7], 'e', ARGV[8], 'b', ARGV[9])
  redis.call('PEXPIRE', KEYS[1], ARGV[10])
end
for i = 11, #ARGV, 2 do
  redis.call('PUBLISH', ARGV[i], ARGV[i + 1] .. ARGV[9])
end
return {1, string.format('%.0f', now)}
`)

/**
 * The store's current life. It is kept under a key of the store, besides the identity, so that
 * a wipe starts a new one too. ARGV: a random part for a new ID, TTL. Replies [now, identity, ID].
 */
export const lifeScript: Script = new Script(`${identity}
local life = redis.call('GET', KEYS[1])
if not life or string.sub(life, 1, #identity + 1) ~= identity .. ':' then
  life = identity .. ':' .. ARGV[1] .. ':' .. string.format('%.0f', now)
end
redis.call('SET', KEYS[1], life, 'PX', ARGV[2])
return {string.format('%.0f', now), identity, life}
`)

/** Renews the lease of a node. ARGV: TTL. Replies 0 when the other nodes declared it dead. */
export const renewScript: Script = new Script(`
if redis.call('GET', KEYS[1]) == 'dead' then return 0 end
redis.call('SET', KEYS[1], 'alive', 'PX', ARGV[1])
return 1
`)

/** Declares a node dead unless it holds a lease. ARGV: TTL. Replies 0 when it does. */
export const markDeadScript: Script = new Script(`
if redis.call('GET', KEYS[1]) == 'alive' then return 0 end
redis.call('SET', KEYS[1], 'dead', 'PX', ARGV[1])
return 1
`)
