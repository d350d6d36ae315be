import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { connect, type Socket } from 'node:net'
import { constants, setPriority } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'

/**
 * A crowd of slow clients, in a process of its own: `node slow-attackers.ts PORT HEADS BODIES`. Each sends a byte now
 * and then, of a head or of a body. Ends when all have been cut, and says in JSON what became of them.
 */
const [port = 0, heads = 0, bodies = 0] = process.argv.slice(2).map(Number)

// The crowd has machines of its own. Here it would take processor time from those whose waiting is measured: the lowest
// priority still does, now and then for milliseconds. What runs when nothing else wants to does not.
setPriority(constants.priority.PRIORITY_LOW)
const { status } = spawnSync('chrt', ['--all-tasks', '--idle', '--pid', '0', `${process.pid}`])
assert.equal(status, 0, 'chrt (util-linux) could not lower the crowd')

const perSecond = 1_000
const dripMs = 1_000
/** Addresses of the loopback network, so that nobody's ports run out. */
const sourcesMax = 50

const figures = { heads: 0, bodies: 0, answered408: 0, unanswered: 0, otherAnswers: 0, refused: 0 }
const livedMs = { heads: 0, bodies: 0 }

/** One slow client; resolves when it has been cut. */
const attack = async (kind: 'heads' | 'bodies', nth: number): Promise<void> => {
  const socket = connect({ port, host: '127.0.0.1', localAddress: `127.0.0.${1 + (nth % sourcesMax)}` })
  const begun = performance.now()
  let text = ''
  let isConnected = false
  socket.on('connect', () => {
    isConnected = true
    socket.write(begin[kind])
  })
  socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')))
  const dripping = setInterval(() => drip(socket, kind), dripMs)
  await new Promise<void>((resolve) => {
    socket.once('end', resolve)
    socket.once('error', () => resolve())
    socket.once('close', () => resolve())
  })
  clearInterval(dripping)
  socket.destroy()
  figures[kind] += 1
  livedMs[kind] = Math.max(livedMs[kind], performance.now() - begun)
  if (!isConnected) figures.refused += 1
  else if (text === '') figures.unanswered += 1
  else if (text.startsWith('HTTP/1.1 408 ')) figures.answered408 += 1
  else figures.otherAnswers += 1
}

const begin = {
  heads: 'GET /raw/x HTTP/1.1\r\nHost: gate.test\r\nX-Slow: ',
  bodies: 'POST /raw/x HTTP/1.1\r\nHost: gate.test\r\nContent-Length: 100000\r\n\r\n',
} as const

const drip = (socket: Socket, kind: 'heads' | 'bodies'): void => {
  if (socket.writable && !socket.connecting) socket.write(kind === 'heads' ? 'x' : 'yy')
}

const total = heads + bodies
/** Both kinds all the time, in the proportion that there is of them. */
const kindOf = (nth: number): 'heads' | 'bodies' =>
  Math.floor(((nth + 1) * bodies) / total) > Math.floor((nth * bodies) / total) ? 'bodies' : 'heads'

const attacks: Promise<void>[] = []
const begun = performance.now()
while (attacks.length < total) {
  // One after the other, at their pace: they, and then their drips, come evenly and not in a burst for each timer.
  const due = Math.min(total, ((performance.now() - begun) * perSecond) / 1_000)
  while (attacks.length < due) attacks.push(attack(kindOf(attacks.length), attacks.length))
  await delay(1)
}
process.stdout.write('all connected\n')
await Promise.all(attacks)
const seconds = (ms: number): number => Math.round(ms / 100) / 10
const lived = { headsLivedSecondsMax: seconds(livedMs.heads), bodiesLivedSecondsMax: seconds(livedMs.bodies) }
process.stdout.write(`attack: ${JSON.stringify({ ...figures, ...lived })}\n`)
