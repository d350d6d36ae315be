/** Where one direction of a WebSocket stands. */
export type FrameBoundary = {
  /** Takes note of bytes that are sent on. */
  readonly pass: (chunk: Uint8Array) => void
  /** Whether a close frame can be sent now: the last frame is whole, and it was no close frame. */
  readonly isOpenForClose: () => boolean
}

/**
 * Follows the frames of one direction (RFC 6455, section 5.2) without keeping any, so that a frame of our own can be
 * put between two of theirs: anywhere else it would be read as a part of one.
 */
export const frameBoundary = (): FrameBoundary => {
  const header = new Uint8Array(headerBytesMax)
  let headerLength = 0
  /** Of the payload of the frame under way. */
  let bytesLeft = 0
  let closed = false

  const endHeader = (): void => {
    const [first = 0, second = 0] = header
    const lengthBytes = extendedLengthBytes(second & 0x7f)
    const maskBytes = second & 0x80 ? 4 : 0
    if (headerLength < 2 + lengthBytes + maskBytes) return
    bytesLeft = lengthBytes === 0 ? second & 0x7f : 0
    for (let at = 2; at < 2 + lengthBytes; at += 1) bytesLeft = bytesLeft * 256 + (header[at] ?? 0)
    headerLength = 0
    if ((first & 0x0f) === closeOpcode) closed = true
  }

  return {
    pass: (chunk) => {
      let at = 0
      while (at < chunk.length) {
        if (bytesLeft > 0) {
          const step = Math.min(bytesLeft, chunk.length - at)
          bytesLeft -= step
          at += step
          continue
        }
        header[headerLength] = chunk[at] ?? 0
        headerLength += 1
        at += 1
        if (headerLength >= 2) endHeader()
      }
    },
    isOpenForClose: () => bytesLeft === 0 && headerLength === 0 && !closed,
  }
}

/**
 * A close frame as a server sends it, unmasked. Its reason is one of our codes: far shorter than the 123 bytes that
 * fit.
 */
export const closeFrame = (status: number, reason: string): Buffer => {
  const text = Buffer.from(reason, 'latin1')
  const frame = Buffer.alloc(4 + text.length)
  frame[0] = 0x80 | closeOpcode
  frame[1] = 2 + text.length
  frame.writeUInt16BE(status, 2)
  text.copy(frame, 4)
  return frame
}

const closeOpcode = 0x8
const headerBytesMax = 14

const extendedLengthBytes = (length: number): number => (length === 127 ? 8 : length === 126 ? 2 : 0)
