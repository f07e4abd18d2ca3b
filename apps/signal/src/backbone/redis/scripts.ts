import { Script } from './script.ts'

/** In place of an identity, where INFO tells none. */
export const nameless = 'none'

/**
 * Who the store is, in a word that changes when its last writes may be lost: its run is another
 * after each start, and where a replica takes over. One that was a replica and is none any more
 * goes on in its run, with the replication id that it had as its second. The first id would change
 * without a loss: with the first replica too.
 */
const identity = `
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
local former = string.match(redis.call('INFO', 'replication'), 'master_replid2:(%w+)')
local identity = run and former and run .. '-' .. former or '${nameless}'
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
`

/**
 * Changes a room if it is as the caller knows it, and tells the nodes concerned: all or nothing.
 *
 * ARGV: version and store that the room is known in, the clock by which it was changed and by how
 * much that may be off, the store that the caller believes in; then, to write: the new version,
 * format, epoch, text, and time to live ("" for the version: nothing is written); then pairs of a
 * channel and what goes there before the text.
 *
 * Answers [1, now], or [0, now, identity, version, store, format, epoch, text].
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
 * Whose store it is and since when: a word in the store itself besides the identity, so that one
 * that was emptied shows too. ARGV: a random word for a new life, time to live. Answers
 * [now, identity, life].
 */
export const lifeScript: Script = new Script(`${identity}
local life = redis.call('GET', KEYS[1])
if not life or string.sub(life, 1, #identity + 1) ~= identity .. ':' then
  life = identity .. ':' .. ARGV[1] .. ':' .. string.format('%.0f', now)
end
redis.call('SET', KEYS[1], life, 'PX', ARGV[2])
return {string.format('%.0f', now), identity, life}
`)

/** A node says that it lives, for so long (ARGV). Answers 0 when the others took it for dead. */
export const renewScript: Script = new Script(`
if redis.call('GET', KEYS[1]) == 'dead' then return 0 end
redis.call('SET', KEYS[1], 'alive', 'PX', ARGV[1])
return 1
`)

/** Declares a node dead if it has not said that it lives. Answers 0 when it has. */
export const markDeadScript: Script = new Script(`
if redis.call('GET', KEYS[1]) == 'alive' then return 0 end
redis.call('SET', KEYS[1], 'dead', 'PX', ARGV[1])
return 1
`)
