import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'

/** What a request says that nobody has sent. */
export type MadeUp = {
  readonly method?: string
  readonly target?: string
  /** Flat: name, value, name, value. */
  readonly headers?: readonly string[]
  readonly httpVersion?: string
  readonly address?: string
}

/** A request as the server would give it to us, if a client sent one that says this. */
export const madeUpRequest = ({
  method = 'GET',
  target = '/',
  headers = ['Host', 'gate.test'],
  httpVersion = '1.1',
  // RFC 5737 keeps it for documents: nobody's.
  address = '192.0.2.7',
}: MadeUp = {}): IncomingMessage => {
  const socket = new Socket()
  Object.defineProperty(socket, 'remoteAddress', { value: address })
  return Object.assign(new IncomingMessage(socket), {
    method,
    url: target,
    httpVersion,
    rawHeaders: [...headers],
    headers: named(headers),
  })
}

const named = (flat: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(flat.flatMap((name, at) => (at % 2 === 0 ? [[name.toLowerCase(), flat[at + 1] ?? '']] : [])))
