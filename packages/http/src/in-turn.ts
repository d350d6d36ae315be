import type { RequestListener } from 'node:http'
import type { Socket } from 'node:net'
import { answerOn } from './answer-unread.ts'

/**
 * Has the requests of each connection executed one after the other, in the order that was meant (RFC 9112, section
 * 9.3.2): one that was sent before the last was answered waits for that answer, and is never executed if it closes the
 * connection, as the one to a refused frame does (section 9.6).
 */
export const inTurn = (execute: RequestListener, waitingMax: number): RequestListener => {
  const waiting = new WeakMap<Socket, number>()
  return (req, res) => {
    const { socket } = req
    // What stood behind a body may be parsed only when the answer before it has closed the connection.
    if (socket.writableEnded) return undefined
    const before = answerOn(socket)
    if (before === res) return execute(req, res)
    if (before === undefined) return undefined
    const others = waiting.get(socket) ?? 0
    // Thirty bytes of request hold a thousand here, and Node reads on for as long as nothing is answered. Nobody who
    // listens for answers asks so much in advance.
    if (others >= waitingMax) return void socket.destroy()
    waiting.set(socket, others + 1)
    res.once('socket', () => {
      waiting.set(socket, (waiting.get(socket) ?? 1) - 1)
      execute(req, res)
    })
    return undefined
  }
}
