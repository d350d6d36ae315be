import { createServer } from 'node:net'
import { listening } from '@gatehouse/testing/listening.ts'
/**
 * A service that only holds connections, in a process of its own: `node slow-sink.ts`. It reads nothing into what
 * comes, and answers 408 when a gateway would: what a machine takes for so many connections, whoever they go to.
 */

const heldMs = 10_000
const answer = 'HTTP/1.1 408 Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n'

const server = createServer((socket) => {
  socket.on('error', () => {})
  socket.resume()
  const timer = setTimeout(() => socket.end(answer), heldMs)
  socket.once('close', () => clearTimeout(timer))
})
process.stdout.write(`sink: ${await listening(server)}\n`)
