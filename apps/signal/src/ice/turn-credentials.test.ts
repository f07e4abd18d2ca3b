import { peerId } from '@skein/protocol'
import { expect, test } from 'vitest'
import { stunServers, turnServers } from './turn-credentials.ts'

const settings = {
  stunUrls: ['stun:stun.example.org:3478'],
  turnUrls: ['turn:turn.example.org:3478?transport=udp'],
  turnSecret: 'north',
  turnTtlS: 600,
}

test('a credential is the HMAC-SHA1 of expiry and id, as coturn computes it', () => {
  // printf '1700000600:peer' | openssl dgst -sha1 -hmac north -binary | base64
  expect(turnServers(settings, peerId('peer'), 1_700_000_000_999)).toEqual([
    {
      urls: ['turn:turn.example.org:3478?transport=udp'],
      username: '1700000600:peer',
      credential: 'S4f/8bGZZsnmd4N+HVqSTjcmomU=',
    },
  ])
})

test('without a secret there are no TURN servers', () => {
  expect(turnServers({ ...settings, turnSecret: null }, peerId('peer'), 0)).toEqual([])
})

test('STUN servers are listed only when they are set', () => {
  expect(stunServers(settings)).toEqual([{ urls: ['stun:stun.example.org:3478'] }])
  expect(stunServers({ ...settings, stunUrls: [] })).toEqual([])
})
