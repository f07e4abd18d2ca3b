import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright'
import { afterEach, expect, test, vi } from 'vitest'
import { findBrowser } from './find.ts'

afterEach(() => vi.unstubAllEnvs())

test('the browser that findBrowser returns starts', () => {
  const browser = findBrowser()
  if (!browser) throw new Error('no browser: run ensure.ts first')
  const { executablePath, env } = browser
  const { status, stdout } = spawnSync(executablePath, ['--version'], { env, encoding: 'utf8' })
  expect(status).toBe(0)
  expect(stdout).toMatch(/Chrom/)
})

// Without any font, Chromium starts and shows text, but crashes at the first form field.
test('the browser that findBrowser returns shows a form', async () => {
  const browser = await chromium.launch(findBrowser())
  const page = await browser.newPage()
  await page.setContent('<input aria-label="Name" value="Ann">')
  expect(await page.getByLabel('Name').inputValue()).toBe('Ann')
  await browser.close()
})

test('a CHROMIUM_PATH to a missing file throws a clear error', () => {
  vi.stubEnv('CHROMIUM_PATH', '/no/such/browser')
  expect(() => findBrowser()).toThrow('CHROMIUM_PATH points to a missing file: /no/such/browser')
})

test('a CHROMIUM_PATH to a file that does not start throws a clear error', () => {
  vi.stubEnv('CHROMIUM_PATH', fileURLToPath(import.meta.url))
  expect(() => findBrowser()).toThrow(/^CHROMIUM_PATH points to a file that does not start: /)
})

test('with a wrong CHROMIUM_PATH the command prints one line and exits with code 1', () => {
  const ensure = fileURLToPath(new URL('ensure.ts', import.meta.url))
  const { status, stdout, stderr } = spawnSync(process.execPath, [ensure], {
    env: { ...process.env, CHROMIUM_PATH: '/no/such/browser' },
    encoding: 'utf8',
  })
  expect({ status, stdout, stderr }).toEqual({
    status: 1,
    stdout: '',
    stderr: 'CHROMIUM_PATH points to a missing file: /no/such/browser\n',
  })
})
