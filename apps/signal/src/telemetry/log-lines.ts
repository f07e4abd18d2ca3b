/**
 * What the log says from level `info` up, for whoever searches it, in the order in which they may
 * meet it. A test holds it against the sources.
 */
export const logLines = {
  'SKEIN_SECRET is not set: a restart forgets the rooms': 'Set it before visitors come.',
  listening: 'The server takes members from now on; `port` says where.',
  draining: 'SIGTERM came. `connections` are asked to come back elsewhere, for up to 10 s.',
  'a forwarded header came and SKEIN_TRUST_PROXY is not set: visitors behind a proxy are not told apart':
    'Said once. Behind a proxy all count as one address, and by one on loopback nobody is counted. Either set it, or somebody sends headers that nobody believes.',
  'redis is away':
    'A `connection` to Redis ended or could not be made. It is tried again, later and later, up to some seconds.',
  'redis is back': 'That `connection` works again.',
  'the store could not be used':
    'It is away, takes no writes, or its user may not do what it has to: `reason` says which. Said once, until a round goes well.',
  'redis does not say who it is; no room is kept there':
    'Said once. `INFO` has no `run_id` or no `master_replid2`, so a failover would go unseen: use a Redis or Valkey that has it.',
  'the inbox is silent; listening anew':
    'What this server sent to itself through Redis did not come: the subscription is made again.',
  'a node is dead':
    'Another server, `node`, has not said for 15 s that it lives. Its members are lost unless they come back.',
  'the other nodes took this one for dead; everyone connected has to come anew':
    'This process stood still too long: a frozen machine, or too much to do.',
  'a change of a room was not stored':
    'The store is away or too slow. Who waits for an answer is told to try again; what must happen is done later.',
  'the keys of SKEIN_JWKS_URL could not be read':
    '`reason` says why. Tokens that need a new key are answered with `overloaded` until then.',
  'a key of SKEIN_JWKS_URL is broken':
    '`reason` says why; said once for each reading of the set. Tokens that name it are answered with `overloaded`, all others are judged.',
  'a token could not be judged': 'A fault of this program: please report it.',
  'a frame was not handled': 'A fault of this program: please report it.',
  'a step failed': 'A fault of this program: please report it, with `input`.',
  'a parcel of another node was not understood': 'Servers of different versions share a Redis.',
  'news of another node were not understood': 'Servers of different versions share a Redis.',
} as const
