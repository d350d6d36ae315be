import { connect } from 'node:net'

/** What came back on a connection, and whether the gateway has ended it. */
export type Exchanged = { readonly text: string; readonly isOver: boolean }

/**
 * Sends the pieces, each when something has come for the one before, or when nothing more seems to come; listens to the
 * end, or until nothing more seems to come.
 */
export const fuzzExchange = (
  port: number,
  source: number,
  pieces: readonly string[],
  silentMs = silentMsMax,
): Promise<Exchanged> =>
  new Promise((resolve) => {
    const localAddress = `127.0.0.${1 + (source % sourcesMax)}`
    const socket = connect({ port, host: '127.0.0.1', localAddress, noDelay: true })
    const left = [...pieces]
    let text = ''
    const settle = (isOver: boolean): void => {
      socket.destroy()
      resolve({ text, isOver })
    }
    const next = (): void => {
      const piece = left.shift()
      if (piece !== undefined) socket.write(piece, 'latin1')
    }
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1')
      next()
    })
    socket.once('end', () => settle(true))
    // What was refused is not read to its end: a reset may come behind the answer, or instead of one.
    socket.once('error', () => settle(true))
    socket.setTimeout(silentMs)
    socket.on('timeout', () => (left.length > 0 ? next() : settle(false)))
    next()
  })

/** After this long without a byte the gateway waits for more of the request. */
const silentMsMax = 300
/** Addresses of the loopback network: one of them would run out of ports. */
const sourcesMax = 50
