import { once } from 'node:events'
import type { IncomingMessage, RequestListener } from 'node:http'
import { connect as connectHttp2, type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2'
import { request, type Agent } from 'node:https'
import { connect as connectTls, type ConnectionOptions } from 'node:tls'
import { issueCertificate } from '@gatehouse/testing/certificate.ts'
import { limits, type TlsLimits } from './limits.ts'
import { listen } from './listen.ts'

const bounds: TlsLimits = {
  ...limits,
  headerBytesMax: 16_384,
  tlsHandshakeTimeoutMs: 10_000,
  http2StreamsMax: 100,
  http2FieldsMax: 256,
  http2StreamWindowBytes: 65_535,
  http2SessionWindowBytes: 1_048_576,
  http2UnreadMs: 60_000,
  http2InvalidFramesMax: 100,
  http2RejectedStreamsMax: 100,
  http2ResetsMax: 100,
  http2SettingsMax: 32,
  http2SessionMemoryMb: 10,
}

/** Starts a server over TLS, and makes clients that believe its certificate. */
export const serving = async (
  listener: (...both: Parameters<RequestListener>) => unknown,
  shorter: Partial<TlsLimits> = {},
) => {
  const pair = issueCertificate()
  const ca = [pair.cert]
  const sessions: ClientHttp2Session[] = []
  const server = await listen((req, res) => void listener(req, res), {
    host: '127.0.0.1',
    port: 0,
    speaker: 'gateway',
    newRequestId: () => 'made-here',
    limits: { ...bounds, ...shorter },
    tls: { pair, limits: { ...bounds, ...shorter } },
  })
  return {
    ...server,
    tls: (options: ConnectionOptions = {}) =>
      connectTls({ port: server.port, host: '127.0.0.1', servername: 'localhost', ca, ...options }),
    http2: () => {
      const session = connectHttp2(`https://localhost:${server.port}`, { ca })
      session.on('error', () => {})
      sessions.push(session)
      return session
    },
    http1: async (agent: Agent | false = false): Promise<IncomingMessage> => {
      const sent = request({ port: server.port, host: 'localhost', family: 4, ca, agent })
      sent.end()
      // What the event carries.
      const [answer] = (await once(sent, 'response')) as [IncomingMessage]
      return answer
    },
    [Symbol.asyncDispose]: async () => {
      for (const session of sessions) session.destroy()
      await server.drain(0)
    },
  }
}

/** Asks for this path. */
export const ask = (session: ClientHttp2Session, path = '/', headers = {}): ClientHttp2Stream => {
  const stream = session.request({ ':path': path, ...headers })
  stream.on('error', () => {})
  return stream
}

/** Status, body and the code that the stream was closed with. */
export const answerOf = async (stream: ClientHttp2Stream) => {
  let status: number | undefined
  let body = ''
  stream.on('response', (headers) => (status = headers[':status']))
  stream.on('data', (chunk: Buffer) => (body += chunk.toString()))
  await new Promise((resolve) => stream.once('close', resolve))
  return { status, body, code: stream.rstCode }
}
