// `node tooling/browser/ensure.ts`: finds a browser for the tests, and installs one if needed.
import { type Browser, findBrowser } from './find.ts'
import { installers } from './install.ts'

function ensure(): Browser | undefined {
  let browser = findBrowser()
  for (const { name, isPossible, install } of installers) {
    if (browser) break
    if (!isPossible()) continue
    console.log(`browser: none found, trying: ${name}`)
    install()
    browser = findBrowser()
  }
  return browser
}

try {
  const browser = ensure()
  if (browser) console.log(`browser: ${browser.executablePath}`)
  else fail('No Chromium found. Install one, or set CHROMIUM_PATH to its executable.')
} catch (error) {
  fail(error instanceof Error ? error.message : String(error))
}

function fail(message: string): void {
  console.error(message)
  process.exitCode = 1
}
