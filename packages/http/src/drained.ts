import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import type { ServerLimits } from './limits.ts'
import { closeDoor } from './shut.ts'

type Open = {
  readonly closeIdle: () => void
  /** Ends the connections that the server of HTTP/1.1 does not count among its own. */
  readonly cutOthers: () => void
  readonly sockets: ReadonlySet<Socket>
  /** When the server has closed: it may have done so before anybody waits for it. */
  readonly over: Promise<void>
} & Pick<ServerLimits, 'firstWordMs' | 'idleEndMs'>

/** Takes no new connection, lets what is under way finish, and cuts what has not within `deadlineMs`. */
export const drained = (
  server: Server,
  deadlineMs: number,
  { closeIdle, cutOthers, sockets, over, firstWordMs, idleEndMs }: Open,
): Promise<void> =>
  new Promise((resolve) => {
    const cut = setTimeout(() => {
      server.closeAllConnections()
      cutOthers()
    }, deadlineMs)
    let waitedMs = 0
    // A connection whose answer is on its way becomes idle only later: looked for until none is left.
    const sweep = setInterval(() => {
      waitedMs += sweepMs
      if (waitedMs < idleEndMs) return
      // One that was opened just before and has not said a word yet may have its request on the way.
      if (waitedMs < firstWordMs && sockets.values().some(({ bytesRead }) => bytesRead === 0)) return
      // After what has arrived has been read: a connection with a request unread is not idle.
      setImmediate(closeIdle)
    }, sweepMs)
    // Closed already where it was shut before: then only its connections are waited for.
    if (server.listening) closeDoor(server)
    void over.then(() => {
      clearTimeout(cut)
      clearInterval(sweep)
      resolve()
    })
  })

const sweepMs = 20
