import assert from 'node:assert/strict'
import { percentile } from '@gatehouse/bench/percentile.ts'
import { replay } from '@gatehouse/bench/replay.ts'
import { startWholeHouse } from '@gatehouse/bench/whole-house.ts'
import { memoryOf } from '@gatehouse/testing/memory-of.ts'
import { clientOf, type Client } from '../system/client.ts'
import { newMember } from '../system/people.ts'
import { eachAtOnce } from './each-at-once.ts'
import { mixedRequests } from './mixed-requests.ts'
import { rounded, type Figures, type Proof } from './proof.ts'

type Size = {
  readonly requests: number
  /** Accounts, each of which logs in and has a profile. */
  readonly people: number
  /** Access tokens of each, by refreshing: all of them are used, each as often as any other. */
  readonly tokensEach: number
  readonly connections: number
  readonly secondsPerRun: number
  /** New people who register and log in during each run. */
  readonly peopleEachRun: number
  /** Figures are taken each time so many requests were answered. */
  readonly reportEvery: number
  readonly starts: number
  readonly residentMbMax: number
  readonly readyMsMax: number
}

/** All three services in one process are ready within a second, and hold little after a million requests. */
export const footprint: Proof<Size> = {
  name: 'footprint',
  full: {
    requests: 1_000_000,
    people: 10_000,
    tokensEach: 1,
    connections: 48,
    secondsPerRun: 5,
    peopleEachRun: 10,
    reportEvery: 100_000,
    starts: 9,
    residentMbMax: 120,
    readyMsMax: 1_000,
  },
  // The time is for a machine that does something else at the same time, and does it ten times over.
  small: {
    requests: 5_000,
    people: 20,
    tokensEach: 10,
    connections: 48,
    secondsPerRun: 1,
    peopleEachRun: 2,
    reportEvery: 5_000,
    starts: 3,
    residentMbMax: 120,
    readyMsMax: 10_000,
  },
  run: async (size) => {
    await using ending = new AsyncDisposableStack()
    const house = await startWholeHouse()
    ending.defer(house.stop)
    const gateway = clientOf(`http://127.0.0.1:${house.port}`)
    const readyMs: number[] = []
    // The first start compiled everything, and what it compiled is kept.
    for (let start = 0; start < size.starts; start += 1) readyMs.push(await house.restart())
    const story: (readonly [requests: number, residentMb: number])[] = []
    const tell = (requests: number): void => {
      story.push([requests, rounded(memoryOf(house.pid()))])
      process.stderr.write(`footprint: ${story.at(-1)?.[1]} MB resident after ${requests} requests\n`)
    }
    tell(0)
    const { tokens, requests: signedIn } = await populate(gateway, size)
    const mix = mixedRequests(tokens)
    let requests = signedIn
    tell(requests)
    for (let due = size.reportEvery; requests < size.requests;) {
      const { connections, secondsPerRun: seconds } = size
      const [load, logins] = await Promise.all([
        replay({ port: house.port, requests: mix, connections, seconds }),
        populate(gateway, { people: size.peopleEachRun, tokensEach: 1 }),
      ])
      requests += load.requests + logins.requests
      if (requests < due && requests < size.requests) continue
      due = requests + size.reportEvery
      tell(requests)
    }
    const peakMb = rounded(memoryOf(house.pid(), 'VmHWM'))
    readyMs.push(await house.restart())
    const figures: Figures = {
      requests,
      tokens: tokens.length,
      ...Object.fromEntries(story.map(([after, megabytes]) => [`resident_mb_after_${after}`, megabytes])),
      resident_mb_peak: peakMb,
      ready_p50_ms: Math.round(percentile(readyMs, 0.5)),
      ready_max_ms: Math.round(percentile(readyMs, 1)),
    }
    // The peak is told and not bounded: three passwords that are hashed at once are 57 MB, and given back.
    const told = JSON.stringify(figures, undefined, 2)
    assert.ok(Math.max(...story.map(([, megabytes]) => megabytes)) < size.residentMbMax, told)
    assert.ok(percentile(readyMs, 0.5) < size.readyMsMax, told)
    return figures
  },
}

type Population = { readonly tokens: readonly string[]; readonly requests: number }

/** Opens accounts, signs each in, gives it a profile and refreshes its tokens. */
const populate = async (
  gateway: Client,
  { people, tokensEach }: Pick<Size, 'people' | 'tokensEach'>,
): Promise<Population> => {
  const tokens: string[] = []
  await eachAtOnce(people, 4, async () => {
    const { email, password } = await newMember(gateway)
    const login = await gateway.post('/auth/login', { json: { email, password } })
    tokens.push(String(login.json['token']))
    const written = await gateway.put('/users/profile', { bearer: tokens.at(-1) ?? '', json: { bio: 'somebody' } })
    assert.equal(written.status, 200, written.text)
    let successor = login.json['refresh_token']
    for (let more = 1; more < tokensEach; more += 1) {
      const { json, text } = await gateway.post('/auth/refresh', { json: { refresh_token: successor } })
      assert.ok(typeof json['token'] === 'string', text)
      tokens.push(json['token'])
      successor = json['refresh_token']
    }
  })
  return { tokens, requests: people * (2 + tokensEach) }
}
