import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { listening } from '@gatehouse/testing/listening.ts'
import { readRequest, type StrictRequest } from './strict-request.ts'

/** A service that reads every byte itself, and by the letter: what it cannot read is a fault of the gateway. */
export type StrictUpstream = {
  readonly origin: string
  /** The whole requests that have come since it was last asked. */
  readonly taken: () => readonly StrictRequest[]
  /** Of everything since then, also of what never became whole. */
  readonly bytes: () => number
  /** What could not be read, with the bytes: nothing, if the gateway is right. */
  readonly faults: () => readonly string[]
  readonly stop: () => Promise<void>
}

const answerHead = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n'

/** Starts it on a free port. Every whole request is answered 200. */
export const startStrictUpstream = async (): Promise<StrictUpstream> => {
  let requests: StrictRequest[] = []
  let bytes = 0
  const faults: string[] = []
  const sockets = new Set<Socket>()

  const serve = (socket: Socket): void => {
    let text = ''
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    // The gateway cuts a connection on which it has not sent all: it never hears an answer on it.
    socket.on('error', () => {})
    socket.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      text += chunk.toString('latin1')
      for (;;) {
        const read = readRequest(text)
        if (read === 'incomplete') return
        if (typeof read === 'string') {
          if (faults.length < faultsKept) faults.push(`${read}: ${JSON.stringify(text.slice(0, 500))}`)
          socket.destroy()
          return
        }
        requests.push(read)
        text = text.slice(read.length)
        socket.write(read.line.startsWith('HEAD ') ? answerHead : `${answerHead}ok`)
      }
    })
  }
  const server = createServer(serve)
  const port = await listening(server)
  return {
    origin: `http://127.0.0.1:${port}`,
    taken: () => {
      const taken = requests
      requests = []
      bytes = 0
      return taken
    },
    bytes: () => bytes,
    faults: () => faults,
    stop: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

const faultsKept = 20
