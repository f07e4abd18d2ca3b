import { expect, test } from 'vitest'
import { inPieces, Whole } from './pieces.ts'

const taken = (bytes: number, pieceBytes: number) => {
  const whole = new Whole()
  const message = Uint8Array.from({ length: bytes }, (_, at) => at & 0xff)
  const pieces = [...inPieces(message, pieceBytes)]
  return { message, pieces, wholes: pieces.map((piece) => whole.take(piece)) }
}

test('a message that fits in one piece is sent unchanged', () => {
  const { message, pieces } = taken(100, 100)
  expect(pieces).toEqual([message])
})

test('a larger message is announced, split, and complete again with its last piece', () => {
  const { message, pieces, wholes } = taken(101, 50)
  expect(pieces.map((piece) => piece.length)).toEqual([3, 50, 50, 1])
  expect(wholes).toEqual([null, null, null, message])
})
