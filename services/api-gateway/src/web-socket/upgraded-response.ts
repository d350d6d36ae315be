import { ServerResponse, type IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'

/** The answer to a request that asked for an upgrade, and the way to take its connection over. */
export type UpgradedResponse = {
  readonly res: ServerResponse
  /** Leaves the connection to whoever reads it from here on. */
  readonly release: () => void
}

/**
 * Makes that answer, for `node:http` gives none: with it, such a request takes the very same steps as any other and can
 * be answered by any of them. The connection ends with the answer, unless that is a 101.
 */
export const upgradedResponse = (req: IncomingMessage, socket: Socket): UpgradedResponse => {
  const res = new ServerResponse(req)
  res.shouldKeepAlive = false
  const drained = (): void => void res.emit('drain')
  const look = (): void => void socket.read(0)
  const left = (): void => void socket.destroy()
  // What broke is told by "close", which always follows.
  socket.on('error', () => {})
  socket.on('drain', drained)
  // A client that hangs up is only noticed by who reads. What it has sent too early stays where it is.
  socket.on('readable', look)
  socket.once('end', left)
  const release = (): void => {
    socket.off('readable', look)
    socket.off('end', left)
  }
  res.assignSocket(socket)
  res.once('finish', () => {
    res.detachSocket(socket)
    socket.off('drain', drained)
    process.nextTick(() => res.emit('close'))
    if (res.statusCode === 101) return
    release()
    socket.destroySoon()
  })
  return { res, release }
}
