/**
 * Names of properties that only code of this package uses. The build shortens them (`short-names.ts`),
 * which saves 3 % of what a page loads. A name that an application, another peer, the server or the
 * platform knows must not be here: `tooling/laws/internal-names.test.ts` checks that.
 */
export const internalNames: readonly string[] = `
  accept addGap allows answerId attempt block byte chance closedByPeer cost
  dropped emit failures feed finish finished flush frame frameChannel gone handlers
  hasCredit hasListeners hasOpenLinks heard hide holders hostReason hostTerm idleMs incoming
  interrupted isAccepted isAnnounced isAtEnd isDue isFlushed isForAll isForHost isKept isLast
  isNew isOnline isOverdue isOwn isPolite isReady isSent isShortOnly isStalled isStart isWanted
  isWantedByPeer keepsLatest leaveReason liveness loadLazyFeatures main makeChannels markSent
  maxAddresses maxNegotiation maxQueued me measured miss mux needingData oldestAt onAck onAnswer
  onChange onError onRead onSent onTraffic ondrain onlineChanged openFrameChannel opened partial
  parts pass pause preCreateChannels prepend probe probeMs reachedServer readPath receiveUnmetered
  received record registrations rejectFirst rejectRequest remove report reportDue reported
  resetUnread restart seat sendControl sent serverIsBack setHasOpenLinks setIceServers
  setOwner setReachable setWanted signaling silenceMs silent statusChanged statusOf suspend sync
  takeGaps takeHeld takePreCreated targets toHost unbegun unmetered unopened unread unreliable
  unreliableChannels useInBackground violated waiting waitingCost wake wanted watchers weight
  welcomed windowBytes writer
`
  .trim()
  .split(/\s+/)
