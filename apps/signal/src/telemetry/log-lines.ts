/**
 * Every message that the server logs at level `info` or above, with its explanation for operators,
 * in the order in which an operator may see them. A test compares the keys with the sources.
 */
export const logLines = {
  'secret kept in the state directory':
    '`SKEIN_SECRET` is not set, so resume tokens are signed with the secret in `file`. `isNew`: this start created it.',
  'SKEIN_SECRET is not set: a restart loses all rooms':
    'There is no state directory either: `SKEIN_STATE_DIR` is `none`, or the server cannot use the `directory`; `reason` says why. Set one of the two before visitors connect.',
  listening: 'The server accepts members, on port `port`.',
  draining:
    'SIGTERM received. The server asks its `connections` to reconnect elsewhere and waits up to 10 s for them.',
  'ignoring forwarded headers: SKEIN_TRUST_PROXY is not set':
    'Logged once. If a proxy is in front of the server, set `SKEIN_TRUST_PROXY`: otherwise all visitors count as one address, or, if the proxy is on loopback, are not counted at all. If there is no proxy, a client sent such a header, and it has no effect.',
  'redis connection lost':
    'A `connection` to Redis closed or could not be opened. The server retries with increasing delays of up to a few seconds.',
  'redis connection restored': 'That `connection` works again.',
  'store unavailable':
    'The store is unreachable, rejects writes, or denies its user a command; `reason` has the details. Logged once for each reason until a check succeeds again.',
  'redis does not report its identity; storing no rooms':
    'Logged once. `INFO` has no `run_id` or no `master_replid2`, so the server could not detect a failover. Use a Redis or Valkey that reports both.',
  'inbox silent; resubscribing':
    'A message that this server sent to itself through Redis did not arrive, so it renews its subscription.',
  'node lease expired':
    'Another server, `node`, has not renewed its lease for 15 s. Its members are removed unless they reconnect in time.',
  'lease lost; closing all connections':
    'The other servers declared this one dead, because it was stopped for too long: the machine was frozen or overloaded. Its members reconnect.',
  'room change not stored':
    'The store is unavailable or too slow. Requests are answered with a retryable error; changes that must happen are retried.',
  'could not fetch the keys from SKEIN_JWKS_URL':
    '`reason` has the details. Until the next successful fetch, tokens that need a new key are answered with `overloaded`.',
  'invalid key from SKEIN_JWKS_URL':
    '`reason` has the details. Logged once for each fetch. Tokens that name this key are answered with `overloaded`; all others are checked as usual.',
  'token check failed': 'A bug: please report it.',
  'frame handler failed': 'A bug: please report it.',
  'room step failed': 'A bug: please report it, with `input`.',
  'invalid bus message from another node': 'Servers of incompatible versions share a Redis.',
  'invalid room update from another node': 'Servers of incompatible versions share a Redis.',
} as const
