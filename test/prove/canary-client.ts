import { connect, type Socket } from 'node:net'

/** What came of a client's requests. */
export type Tally = {
  answered: number
  /** 502, 503 or 504 in the gateway's own words: an upstream was killed, or broke the rules. */
  refused: number
  /** Connections that the gateway cut in the middle of an answer. */
  cut: number
  /** Requests that the client itself walked away from. */
  aborted: number
  /** What was not this client's own, or not whole. None is the claim. */
  readonly foreign: string[]
}

/** One client: all its words begin with its own name, and it looks for them in all it hears. */
export type CanaryClient = {
  readonly name: string
  readonly port: number
  readonly prefix: string
  readonly tally: Tally
  /** Whether the service behind the prefix says what it was asked; otherwise only foreign canaries are looked for. */
  readonly echoes: boolean
  /** Whether one request in four has a body. */
  readonly sendsBodies: boolean
  /** Asked before each request: whether there is one more. */
  readonly goesOn: () => boolean
}

/** Asks one request after the other on one connection, and now and then walks away from one. */
export const runCanaryClient = (client: CanaryClient): Promise<void> =>
  new Promise((resolve) => {
    let count = 0
    let asked: Asked | undefined
    let heard = ''
    let socket: Socket | undefined

    const open = (): void => {
      const opened = connect(client.port, '127.0.0.1')
      opened.setNoDelay()
      opened.on('error', () => {})
      opened.on('data', (chunk: Buffer) => {
        if (opened === socket) hear(chunk.toString('latin1'))
      })
      opened.on('close', () => {
        if (opened !== socket) return
        if (asked !== undefined) client.tally.cut += 1
        if (asked !== undefined && heard !== '') judgePart(client, asked, heard)
        next(true)
      })
      socket = opened
    }

    const next = (afresh: boolean): void => {
      asked = undefined
      heard = ''
      if (!client.goesOn()) {
        const last = socket
        socket = undefined
        last?.destroy()
        resolve()
        return
      }
      if (afresh) open()
      count += 1
      asked = askOf(client, count)
      const walksAway = count % 97 === 0
      socket?.write(walksAway && count % 2 === 0 ? asked.bytes.slice(0, asked.bytes.length - 3) : asked.bytes, 'latin1')
      if (!walksAway) return
      const left = socket
      client.tally.aborted += 1
      asked = undefined
      socket = undefined
      // Once it is on its way: at the gateway, at the upstream or on its way back.
      setTimeout(() => left?.destroy(), count % 3)
      setImmediate(next, true)
    }

    const hear = (text: string): void => {
      heard += text
      if (asked === undefined) {
        client.tally.foreign.push(`unasked: ${heard.slice(0, 300)}`)
        socket?.destroy()
        return
      }
      const end = endOf(heard)
      if (end === undefined) return
      judge(client, asked, heard, end)
      next(/\r\nconnection: close\r\n/i.test(heard))
    }

    next(true)
  })

type Asked = { readonly canary: string; readonly bytes: string; readonly answer: string }

const askOf = ({ name, prefix, sendsBodies }: CanaryClient, count: number): Asked => {
  const canary = `${name}-${count}.`
  const path = `${prefix}/${canary}`
  const body = sendsBodies && count % 4 === 0 ? `${canary}${'x'.repeat(count % 512)}` : ''
  const ids = `X-Request-Id: ${canary}\r\nX-Canary: ${canary}\r\n`
  const method = body === '' ? 'GET' : 'POST'
  const length = body === '' ? '' : `Content-Length: ${body.length}\r\n`
  return {
    canary,
    bytes: `${method} ${path} HTTP/1.1\r\nHost: gate.test\r\n${ids}${length}\r\n${body}`,
    answer: `${method} ${path} ${canary} ${body}`,
  }
}

/** Where an answer ends, when all of it is there. */
const endOf = (heard: string): number | undefined => {
  const headEnd = heard.indexOf('\r\n\r\n')
  if (headEnd === -1) return undefined
  if (/^HTTP\/1\.1 [23]04/.test(heard)) return headEnd + 4
  const length = /\r\ncontent-length: (\d+)/i.exec(heard)?.[1]
  const end = length === undefined ? heard.indexOf('\r\n0\r\n\r\n', headEnd) + 7 : headEnd + 4 + Number(length)
  return end > 6 && heard.length >= end ? end : undefined
}

const judge = (client: CanaryClient, asked: Asked, heard: string, end: number): void => {
  const { tally } = client
  judgePart(client, asked, heard)
  if (heard.length > end) tally.foreign.push(`more than an answer: ${heard.slice(end, end + 300)}`)
  if (!heard.includes(`x-request-id: ${asked.canary}\r\n`)) tally.foreign.push(`not the id ${asked.canary}: ${heard}`)
  const status = heard.slice(9, 12)
  if (status === '502' || status === '503' || status === '504') tally.refused += 1
  else if (!client.echoes) tally.answered += 1
  else if (status === '200' && heard.slice(heard.indexOf('\r\n\r\n') + 4, end) === asked.answer) tally.answered += 1
  else tally.foreign.push(`not the answer to ${asked.answer}: ${heard.slice(0, 600)}`)
}

/** Every canary in it has to be the one of this request. */
const judgePart = ({ tally }: CanaryClient, { canary }: Asked, heard: string): void => {
  for (const [found] of heard.matchAll(/canary\d+-\d+\./g)) {
    if (found !== canary) tally.foreign.push(`${found} instead of ${canary}`)
  }
}
