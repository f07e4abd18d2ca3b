import { needs } from '@skein/needs'
import { expect } from './lab-test.ts'
import { openMesh } from './tab.ts'
import { test } from './turn-test.ts'

const relayed = { iceTransportPolicy: 'relay' } as const

if (needs('turnserver')) {
  test.describe(() => {
    test.use({ transport: 'tcp' })

    test('a link through TURN over TCP is diagnosed as that', async ({ browser, server }) => {
      const options = { browser, signalPort: server.port, room: 'diagnosed', ...relayed }
      const [ann] = await openMesh(options, 2)
      if (!ann) throw new Error('nobody joined')
      const report = await ann.page.evaluate(() => window.lab.diagnose({ probe: true }))
      expect(report.links[0]?.pair?.words).toMatch(/^your TURN relay over TCP ↔ \S+’s TURN relay$/)
      expect(report.findings.map(({ code }) => code)).toEqual(['relayed-tcp', 'all-open'])
      expect(report.network).toMatchObject({
        policy: 'relay',
        servers: [{ kind: 'turn-tcp', result: 'ok', error: null }],
      })
      expect(JSON.stringify(report)).not.toMatch(/127\.0\.0\.1:\d+"|credential|username/)
    })
  })

  test('a check finds the TURN server that the signaling server offers', async ({
    page,
    server,
  }) => {
    await page.goto('/')
    await page.waitForFunction(() => 'lab' in window)
    const { isOk, results } = await page.evaluate((options) => window.lab.check(options), {
      url: `ws://127.0.0.1:${server.port}/ws`,
      room: 'checked',
    })
    expect(isOk).toBe(true)
    expect(results.map(({ name, result }) => `${name} ${result}`)).toEqual([
      'websocket ok',
      'stun skipped',
      'turn-udp ok',
      'turn-tcp skipped',
      'turn-tls skipped',
      'direct ok',
    ])
  })

  test('refused credentials are told as 401, over UDP and TCP', async ({ page, server, turn }) => {
    await page.goto('/')
    await page.waitForFunction(() => 'lab' in window)
    const iceServers = ['udp', 'tcp'].map((transport) => ({
      urls: `turn:127.0.0.1:${turn.port}?transport=${transport}`,
      username: `${Math.floor(Date.now() / 1_000) + 600}:ann`,
      credential: 'wrong',
    }))
    const { isOk, results, findings } = await page.evaluate(
      (options) => window.lab.check(options),
      {
        url: `ws://127.0.0.1:${server.port}/ws`,
        iceServers,
      },
    )
    expect(isOk).toBe(false)
    const failed = results.filter(({ result }) => result === 'failed')
    expect(failed.map(({ name }) => name)).toEqual(['turn-udp', 'turn-tcp'])
    expect(findings.map(({ sentence }) => sentence)).toEqual(
      iceServers.map(({ urls }) => `The TURN server ${urls} refuses the credentials (401).`),
    )
  })
}
