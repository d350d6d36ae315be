import { UpstreamFault } from './upstream-fault.ts'

/**
 * Takes a chunked body apart (RFC 9112, section 7.1). Extensions are passed over and trailers dropped: both were for
 * this connection. Strict about every line's end, for what one reader takes for data another takes for a size.
 */
export class ChunkedBody {
  readonly #trailerBytesMax: number
  #part: 'size' | 'data' | 'after-data' | 'trailer' = 'size'
  #left = 0
  /** What has come of a line that is not complete. */
  #line = ''
  #trailerBytes = 0

  constructor(trailerBytesMax: number) {
    this.#trailerBytesMax = trailerBytesMax
  }

  /** Takes what came. Where the body ends in it, or -1 when more is to come. */
  read(bytes: Buffer, piece: (bytes: Buffer) => void): number {
    for (let at = 0; at < bytes.length;) {
      if (this.#part === 'data') {
        const end = Math.min(bytes.length, at + this.#left)
        this.#left -= end - at
        if (this.#left === 0) this.#part = 'after-data'
        piece(bytes.subarray(at, end))
        at = end
        continue
      }
      const end = bytes.indexOf(lineFeed, at) + 1
      this.#line += bytes.toString('latin1', at, end === 0 ? bytes.length : end)
      if (this.#line.length > this.#lineMax()) throw new UpstreamFault('a line of a chunked body is too long')
      if (end === 0) return -1
      at = end
      const line = this.#line
      this.#line = ''
      if (this.#endsWith(line)) return at
    }
    return -1
  }

  #lineMax(): number {
    return this.#part === 'after-data' ? 2 : this.#part === 'size' ? sizeLineMax : this.#trailerBytesMax
  }

  /** Takes a whole line; true when it is the last one. */
  #endsWith(line: string): boolean {
    if (this.#part === 'size') {
      const [, size] = sizeForm.exec(line) ?? []
      if (size === undefined) throw new UpstreamFault('a chunk has no size')
      this.#left = parseInt(size, 16)
      this.#part = this.#left === 0 ? 'trailer' : 'data'
    } else if (this.#part === 'after-data') {
      if (line !== '\r\n') throw new UpstreamFault('a chunk is longer than its size')
      this.#part = 'size'
    } else {
      if (line === '\r\n') return true
      this.#trailerBytes += line.length
      if (this.#trailerBytes > this.#trailerBytesMax) throw new UpstreamFault('the trailers are too long')
      if (!fieldForm.test(line)) throw new UpstreamFault('a trailer is not a field')
    }
    return false
  }
}

const lineFeed = 10

/** Characters: nobody needs long extensions, and an endless one would never become a body. */
const sizeLineMax = 1_024

const sizeForm = /^([0-9a-fA-F]{1,12})(?:[\t ]*;[\t\x20-\x7e\x80-\xff]*)?\r\n$/

const fieldForm = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[\t\x20-\x7e\x80-\xff]*\r\n$/
