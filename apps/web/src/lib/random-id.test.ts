import { expect, onTestFinished, test, vi } from 'vitest'
import { readChat } from '../chat/wire.ts'
import { randomId } from './random-id.ts'

test('outside a secure context, ids are made and messages are read', () => {
  const { getRandomValues } = crypto
  vi.stubGlobal('crypto', { getRandomValues: getRandomValues.bind(crypto) })
  onTestFinished(() => void vi.unstubAllGlobals())
  expect(randomId()).toMatch(/^[0-9a-f]{32}$/)
  expect(randomId()).not.toBe(randomId())
  expect(readChat({ text: 'hi' })?.text).toBe('hi')
})
