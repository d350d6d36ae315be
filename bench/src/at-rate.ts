import { setTimeout as delay } from 'node:timers/promises'

/** An answer, and how long it took from when its request was due. */
export type Timed<Answer> = { readonly answer: Answer; readonly tookMs: number }

/** Asks at a steady pace, whether or not there are answers; timed from when it was due, so that no delay is hidden. */
export const atRate = async <Answer>(
  perSecond: number,
  seconds: number,
  ask: () => Promise<Answer>,
): Promise<readonly Timed<Answer>[]> => {
  const asked: Promise<Timed<Answer>>[] = []
  const begun = performance.now()
  const timed = async (dueAt: number): Promise<Timed<Answer>> => {
    const answer = await ask()
    return { answer, tookMs: performance.now() - dueAt }
  }
  while (asked.length < perSecond * seconds) {
    const dueAt = begun + (asked.length * 1000) / perSecond
    const inMs = dueAt - performance.now()
    if (inMs <= 0) asked.push(timed(dueAt))
    else await delay(Math.min(inMs, stepMs))
  }
  return Promise.all(asked)
}

const stepMs = 5
