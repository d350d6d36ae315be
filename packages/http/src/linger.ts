import type { Duplex } from 'node:stream'

/** How long, and for how many bytes, a connection that is being closed still listens. */
export type LingerLimits = { readonly lingerBytesMax: number; readonly lingerMs: number }

/**
 * Closes a connection in two movements: our side at once, the whole of it when the other side has closed too, or has
 * had its time. Closed in one, whatever it was still sending would make the kernel answer with a reset, which overtakes
 * the answer and takes it from the client (RFC 9112, section 9.6). What comes meanwhile is read and thrown away.
 */
export const linger = (socket: Duplex, { lingerBytesMax, lingerMs }: LingerLimits): void => {
  if (socket.destroyed) return
  let bytes = 0
  let timer: NodeJS.Timeout | undefined
  const end = (): void => {
    if (socket.writableFinished) socket.destroy()
  }
  // By a listener to this node:http begins to read again after a pause, and takes it away with its others.
  if (socket.isPaused()) socket.emit('resume')
  // The parser's own listeners: from here on nothing on this connection is a request any more, nor the lack of one.
  socket.removeAllListeners('data').removeAllListeners('end')
  socket.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes <= lingerBytesMax) return
    socket.pause()
    end()
  })
  socket.on('end', end)
  socket.on('error', ignore)
  socket.on('close', () => clearTimeout(timer))
  socket.end(() => {
    // Counted from the last byte of the answer: a slow reader has all the time that it had before.
    if (socket.readableEnded || bytes > lingerBytesMax) socket.destroy()
    else if (!socket.destroyed) timer = setTimeout(() => socket.destroy(), lingerMs)
  })
  socket.resume()
}

/** The end follows by itself. */
const ignore = (): void => {}
