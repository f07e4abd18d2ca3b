/**
 * Names of properties that only code of this package uses. The build shortens them (`short-names.ts`),
 * which saves 3 % of what a page loads. A name that an application, another peer, the server or the
 * platform knows must not be here, nor one that code looks up as a text. A test checks that
 * (`tooling/laws/internal-names.test.ts`): a name that it reports has to be removed from this list.
 */
export const internalNames: readonly string[] = `
  accept accepter actions added addGap adopt agree allows answeredAt answerId attempt attemptEnded
  attempts block brokenSince burst busyUntil byte canCall chance checkServer choose chosen
  closedByPeer configuration cost costMs current doubted doubtMs dropped each emit explain failures
  feed finish flush frame frameChannel gone handlers hasCredit hasDrained hasListeners hasLostVia
  head heard heldBack hide holders hostReason hostTerm ids incoming insides interrupt isAccepted
  isAnnounced isAnswered isAtEnd isBroken isBusy isCarried isCutOff isDelivery isDue isFlushed
  isForAll isForHost isHeldBack isKept isLast isLeft isNeeded isNew isOffered isOverdue isOwn
  isPolite isReached isReady isSent isShortOnly isSought isStalled isStart isSuspicious isUpgrade
  isViaDue isWanted isWantedByPeer keepsLatest keyring knock known leaveReason loadLazyFeatures
  loadLog lost main makeChannels maxQueued mayCall me measured miss mux needingData
  networkChanged news nextAt note observer offset oldestAt onAck onAnswer onChange ondrain onError
  onlineChanged onNote onRead onSent openFrameChannel partial parts pass pathChanged pause
  peerIsBack peerUse perSecond preCreateChannels prepend reachedServer reaches readPath
  receiveUnmetered record registrations rejectFirst rejectRequest remove renew renewServer report
  reportDue resetUnread restart retryMs roster sealer seat sendControl serverIsBack setHidden
  setIceServers setOwner setReachable setWanted shared statusAt statusChanged statusOf storage
  suspend sync takeGaps takeHeld taken takePreCreated targets tick toHost unbegun unmetered
  unopened unread unreliable unreliableChannels upgradeAt upgradeMs useInBackground vias violated
  visibilityChanged waiting waitingBytes waitingCost wake wanted watchers weight windowBytes writer
`
  .trim()
  .split(/\s+/)
