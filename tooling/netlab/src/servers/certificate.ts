import { createHash, X509Certificate } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { command } from '../network/command.ts'

export interface Certificate {
  /** The server's certificate, followed by that of the test CA. */
  readonly certFile: string
  readonly keyFile: string
  /** The SHA-256 of the test CA's public key in base64, by which Chromium can be told to trust it. */
  readonly caKeyHash: string
}

interface Addresses {
  readonly ip4: string
  readonly ip6: string
}

/** Makes a certificate for these addresses, signed by a test CA of this run alone. */
export function makeCertificate(directory: string, { ip4, ip6 }: Addresses): Certificate {
  const file = (name: string): string => join(directory, name)
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-noenc', '-days', '2']
  const openssl = (...args: readonly string[]): string => command('openssl', args)
  openssl(
    ...['req', '-x509', ...key, '-subj', '/CN=Skein netlab test CA'],
    ...['-keyout', file('ca.key'), '-out', file('ca.crt')],
  )
  openssl(
    ...['req', '-x509', ...key, '-subj', `/CN=${ip4}`, '-CA', file('ca.crt')],
    ...['-CAkey', file('ca.key'), '-addext', `subjectAltName=IP:${ip4},IP:${ip6}`],
    ...['-addext', 'basicConstraints=critical,CA:FALSE'],
    ...['-keyout', file('turn.key'), '-out', file('turn.crt')],
  )
  const ca = readFileSync(file('ca.crt'), 'utf8')
  writeFileSync(file('chain.crt'), readFileSync(file('turn.crt'), 'utf8') + ca)
  const publicKey = new X509Certificate(ca).publicKey.export({ type: 'spki', format: 'der' })
  return {
    certFile: file('chain.crt'),
    keyFile: file('turn.key'),
    caKeyHash: createHash('sha256').update(publicKey).digest('base64'),
  }
}
