import type { Server } from 'node:http'
import { Server as TcpServer } from 'node:net'

/**
 * Closes the door of a server that has been told to stop, after `acceptMs`: whoever sends it requests has to notice
 * first, and would lose them to a refused connection until then. Meanwhile everything is answered.
 */
export const shut = async (server: Server, acceptMs: number): Promise<void> => {
  await new Promise((resolve) => setTimeout(resolve, acceptMs))
  let accepted = true
  const note = (): void => {
    accepted = true
  }
  server.on('connection', note)
  // What waits to be accepted when the door closes is reset by the kernel, request and all. So it closes right after a
  // turn of the event loop that has found nobody waiting.
  for (let turns = 0; accepted && turns < turnsMax; turns += 1) {
    accepted = false
    await new Promise(setImmediate)
  }
  server.off('connection', note)
  closeDoor(server)
}

/**
 * Takes no new connection from now on, and leaves those that are there alone: node:http's own `close` hangs up on all
 * that are idle, also on those whose next request is on its way.
 */
export const closeDoor = (server: Server): void => void TcpServer.prototype.close.call(server)

/** Somebody who connects without end does not keep the process alive. */
const turnsMax = 1_000
