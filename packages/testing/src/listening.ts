import { once } from 'node:events'
import type { Server } from 'node:net'

/** Has a server listen on this port of the loopback address, or a free one; which one. */
export const listening = async (server: Server, at = 0): Promise<number> => {
  server.listen(at, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('a TCP server has no port')
  return address.port
}
