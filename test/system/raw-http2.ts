import { connect } from 'node:tls'
import { waitFor } from '@gatehouse/testing/wait-for.ts'

/** The types of frames that these tests send or wait for (RFC 9113, section 6). */
export const frameTypes = {
  data: 0,
  headers: 1,
  priority: 2,
  reset: 3,
  settings: 4,
  push: 5,
  ping: 6,
  goaway: 7,
  window: 8,
  continuation: 9,
} as const

/** Flags of frames. */
export const flags = { none: 0, endStream: 1, ack: 1, endHeaders: 4 } as const

/** One frame, as it stands on the wire. */
export const frame = (
  type: keyof typeof frameTypes,
  { flag = 0, stream = 0, payload = Buffer.alloc(0) }: { flag?: number; stream?: number; payload?: Buffer } = {},
): Buffer => {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head[3] = frameTypes[type]
  head[4] = flag
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}

/**
 * Field lines, flat, in HPACK's plainest form: literal, never indexed, without Huffman (RFC 7541, section 6.2.3). What
 * no HTTP/2 client would send is sent as it stands.
 */
export const fieldBlock = (flat: readonly string[]): Buffer =>
  Buffer.concat(
    flat.map((text, at) => {
      const bytes = Buffer.from(text, 'latin1')
      const length = [...(at % 2 === 0 ? [0x10] : []), ...prefixedLength(bytes.length)]
      return Buffer.concat([Buffer.from(length), bytes])
    }),
  )

/** RFC 7541, section 5.1, with a prefix of seven bits. */
const prefixedLength = (length: number): readonly number[] => {
  if (length < 127) return [length]
  const bytes = [127]
  let left = length - 127
  for (; left >= 128; left >>= 7) bytes.push((left & 0x7f) | 0x80)
  return [...bytes, left]
}

/** What came back on a connection so far. */
export type RawHttp2 = {
  readonly send: (...frames: readonly Buffer[]) => void
  /** All frames so far, in order. */
  readonly heard: () => readonly Heard[]
  readonly isClosed: () => boolean
  readonly close: () => void
}

type Heard = { readonly type: number; readonly flag: number; readonly stream: number; readonly payload: Buffer }

/** Opens a connection over TLS that has agreed on HTTP/2, and says no more than the preface and empty settings. */
export const openRawHttp2 = async (port: number, ca: string): Promise<RawHttp2> => {
  const heard: Heard[] = []
  let isClosed = false
  let rest: Buffer = Buffer.alloc(0)
  const socket = connect({ port, host: '127.0.0.1', servername: 'localhost', ca, ALPNProtocols: ['h2'] })
  socket.on('error', () => {})
  socket.on('close', () => (isClosed = true))
  socket.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk])
    while (rest.length >= 9 && rest.length >= 9 + rest.readUIntBE(0, 3)) {
      const end = 9 + rest.readUIntBE(0, 3)
      const [type = 0, flag = 0] = [rest[3], rest[4]]
      heard.push({ type, flag, stream: rest.readUInt32BE(5), payload: rest.subarray(9, end) })
      rest = rest.subarray(end)
    }
  })
  await waitFor(() => socket.alpnProtocol === 'h2', { what: 'a connection that speaks HTTP/2' })
  socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
  socket.write(frame('settings'))
  return {
    send: (...frames) => void socket.write(Buffer.concat(frames)),
    heard: () => heard,
    isClosed: () => isClosed,
    close: () => socket.destroy(),
  }
}
