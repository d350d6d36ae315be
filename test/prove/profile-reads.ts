import { Agent, request } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import type { Client } from '../system/client.ts'

/** Reads of profiles that run beside a proof: load, and witnesses. */
export type ProfileReads = {
  /** Ends them and tells what they saw. */
  readonly stop: () => Promise<Witnessed>
}

/** What the readers saw. */
export type Witnessed = {
  readonly served: number
  /** Whatever was not 200, in words, and what broke; the first few. */
  readonly failures: readonly string[]
  readonly tookMs: readonly number[]
}

type Plan = {
  readonly doors: readonly Client[]
  /** The token to read with, asked before each read. */
  readonly token: () => string
  readonly readsPerSecondPerDoor: number
}

/** Reads the profile through every door, evenly paced, each door on one connection that is kept. */
export const startProfileReads = ({ doors, token, readsPerSecondPerDoor }: Plan): ProfileReads => {
  const stopping = new AbortController()
  const failures: string[] = []
  const tookMs: number[] = []
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })

  const readAt = async (door: Client): Promise<void> => {
    const begin = performance.now()
    let nextAt = begin
    while (!stopping.signal.aborted) {
      const sentAt = performance.now()
      const seen = await readOnce(agent, door, token())
      tookMs.push(performance.now() - sentAt)
      if (seen !== '200' && failures.length < failuresKept) failures.push(`${door.origin}: ${seen}`)
      nextAt = Math.max(nextAt + 1_000 / readsPerSecondPerDoor, performance.now() - 1_000)
      await delay(Math.max(0, nextAt - performance.now()))
    }
  }
  const reading = Promise.all(doors.map(readAt))
  return {
    stop: async () => {
      stopping.abort()
      await reading
      agent.destroy()
      return { served: tookMs.length, failures, tookMs }
    },
  }
}

const failuresKept = 20

/** The status and, unless that is 200, the body. */
const readOnce = (agent: Agent, door: Client, token: string): Promise<string> =>
  new Promise((resolve) => {
    const headers = { authorization: `Bearer ${token}` }
    const req = request(`${door.origin}/users/profile`, { agent, headers }, (res) => {
      let text = ''
      res.setEncoding('utf8')
      res.on('data', (part: string) => {
        text += part
      })
      res.on('end', () => resolve(res.statusCode === 200 ? '200' : `${res.statusCode} ${text}`))
    })
    req.on('error', (error) => resolve(error.message))
    req.end()
  })
