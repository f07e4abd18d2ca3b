/**
 * A random id of 128 bits. `crypto.randomUUID` is missing where the page is not a secure context:
 * on plain http at the address of a machine in the local network.
 *
 * @see https://w3c.github.io/webcrypto/#Crypto-method-randomUUID
 */
export function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
