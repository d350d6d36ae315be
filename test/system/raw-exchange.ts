import { connect } from 'node:net'

/** What came back on a connection, and whether the other end closed it. */
export type RawAnswer = {
  readonly text: string
  readonly status: number
  /** The body's JSON, empty when it is none. */
  readonly problem: Readonly<Record<string, unknown>>
}

/** Sends bytes as they stand and reads until the other end closes: for all that no HTTP client would say. */
export const rawExchange = (origin: string, bytes: string | Buffer, timeoutMs = 15_000): Promise<RawAnswer> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(origin)
    const socket = connect({ host: hostname, port: Number(port) }, () => socket.write(bytes))
    let text = ''
    socket.setEncoding('utf8')
    socket.on('data', (chunk: string) => (text += chunk))
    socket.setTimeout(timeoutMs, () => socket.destroy(new Error(`still open after ${timeoutMs} ms: ${text}`)))
    // A reset after the answer is an answer all the same.
    socket.on('error', (error) => (text === '' ? reject(error) : resolve(parsed(text))))
    socket.on('close', () => resolve(parsed(text)))
  })

const parsed = (text: string): RawAnswer => {
  const [head = '', ...rest] = text.split('\r\n\r\n')
  return { text, status: Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0), problem: objectIn(rest.join('\r\n\r\n')) }
}

const objectIn = (text: string): Readonly<Record<string, unknown>> => {
  try {
    // Whoever reads a member compares it with what it must be.
    return JSON.parse(text) as Readonly<Record<string, unknown>>
  } catch {
    return {}
  }
}
