import { FakeConnection } from './fake-peer-connection.ts'

/** A connection as node-datachannel's: no implicit descriptions, no rollback, no ICE restart. */
export class FakeExplicitConnection extends FakeConnection {
  // The one argument shows that it is not optional.
  override setLocalDescription(description: unknown): Promise<void> {
    return super.setLocalDescription(description)
  }
  createOffer(): Promise<object> {
    return Promise.resolve({ type: 'offer' })
  }
  createAnswer(): Promise<object> {
    return Promise.resolve({ type: 'answer' })
  }
  override restartIce(): void {
    throw new DOMException('Not implemented')
  }
  protected override rollback(): void {
    throw new DOMException('offer in have-local-offer', 'InvalidStateError')
  }
}
