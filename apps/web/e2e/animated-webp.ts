import { writeFile } from 'node:fs/promises'
import type { Page } from '@playwright/test'

/** One frame: a PNG, the same size for all frames, and how long it is shown. */
export interface Frame {
  readonly png: Buffer
  readonly ms: number
}

/** The rectangle that changed since the previous frame. */
interface Patch {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  /** The bytes of a still WebP of this rectangle. */
  readonly webp: readonly number[]
}

/**
 * Writes an animated, looping WebP. The browser encodes the frames: `page` is a blank page.
 *
 * @see https://developers.google.com/speed/webp/docs/riff_container
 */
export async function writeAnimation(
  page: Page,
  { path, frames }: { readonly path: string; readonly frames: readonly Frame[] },
): Promise<void> {
  const parts: Buffer[] = []
  let canvas: Patch | null = null
  for (const { png, ms } of frames) {
    const patch: Patch | null = await page.evaluate(encodeChange, png.toString('base64'))
    if (patch === null) throw new Error('two frames are identical')
    canvas ??= patch
    parts.push(chunk('ANMF', frame(patch, ms)))
  }
  if (canvas === null) throw new Error('no frames')
  const hasAnimation = 0b10
  const header = Buffer.concat([u32(hasAnimation), u24(canvas.width - 1), u24(canvas.height - 1)])
  const loopForever = 0
  const background = u32(0xffffffff)
  const body = Buffer.concat([
    Buffer.from('WEBP'),
    chunk('VP8X', header),
    chunk('ANIM', Buffer.concat([background, u16(loopForever)])),
    ...parts,
  ])
  await writeFile(path, chunk('RIFF', body))
}

/** Runs in the page. Encodes the part that differs from the previous frame, without loss. */
async function encodeChange(base64: string): Promise<Patch | null> {
  const state = globalThis as { previous?: Uint32Array }
  const response = await fetch(`data:image/png;base64,${base64}`)
  const image = await createImageBitmap(await response.blob())
  const context = new OffscreenCanvas(image.width, image.height).getContext('2d')
  if (!context) throw new Error('no canvas')
  context.drawImage(image, 0, 0)
  const all = context.getImageData(0, 0, image.width, image.height)
  const pixels = new Uint32Array(all.data.buffer)
  let [left, top, right, bottom] = [image.width, image.height, -1, -1]
  for (const [at, pixel] of pixels.entries()) {
    if (pixel === state.previous?.[at]) continue
    const [x, y] = [at % image.width, Math.floor(at / image.width)]
    ;[left, top] = [Math.min(left, x), Math.min(top, y)]
    ;[right, bottom] = [Math.max(right, x), Math.max(bottom, y)]
  }
  state.previous = pixels
  if (right < 0) return null
  // The format stores half of each offset.
  const [x, y] = [left - (left % 2), top - (top % 2)]
  const [width, height] = [right - x + 1, bottom - y + 1]
  const part = new OffscreenCanvas(width, height)
  part.getContext('2d', { alpha: false })?.drawImage(image, -x, -y)
  const blob = await part.convertToBlob({ type: 'image/webp', quality: 1 })
  const bytes = new Uint8Array(await blob.arrayBuffer())
  return { x, y, width, height, webp: Array.from(bytes) }
}

function frame({ x, y, width, height, webp }: Patch, ms: number): Buffer {
  const doNotBlend = 0b10
  const numbers = [x / 2, y / 2, width - 1, height - 1, ms].map(u24)
  return Buffer.concat([...numbers, Buffer.of(doNotBlend), bitstream(Buffer.from(webp))])
}

/** The image chunks of a still WebP, without its headers. */
function bitstream(still: Buffer): Buffer {
  const kept: Buffer[] = []
  let at = 12
  while (at < still.length) {
    const size = still.readUInt32LE(at + 4)
    const end = at + 8 + size + (size % 2)
    const name = still.toString('latin1', at, at + 4)
    if (name === 'VP8 ' || name === 'VP8L' || name === 'ALPH') kept.push(still.subarray(at, end))
    at = end
  }
  return Buffer.concat(kept)
}

function chunk(name: string, content: Buffer): Buffer {
  const padding = Buffer.alloc(content.length % 2)
  return Buffer.concat([Buffer.from(name), u32(content.length), content, padding])
}

const u16 = (value: number): Buffer => Buffer.of(value & 255, value >> 8)
const u24 = (value: number): Buffer => Buffer.of(value & 255, (value >> 8) & 255, value >> 16)
const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}
