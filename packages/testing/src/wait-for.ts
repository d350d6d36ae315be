import { setTimeout as delay } from 'node:timers/promises'

/** How long to wait, and what for: the words appear in the failure. */
export type Patience = { readonly what: string; readonly timeoutMs?: number }

const timeoutMsDefault = 10_000
const pauseMsMax = 50

/** Returns as soon as the fact is true; a fact that throws is not true yet. Instead of sleeps. */
export const waitFor = async (fact: () => boolean | Promise<boolean>, patience: Patience): Promise<void> => {
  const timeoutMs = patience.timeoutMs ?? timeoutMsDefault
  const deadline = performance.now() + timeoutMs
  let last: unknown
  for (let pauseMs = 1; ; pauseMs = Math.min(pauseMs * 2, pauseMsMax)) {
    try {
      if (await fact()) return
      last = undefined
    } catch (error) {
      last = error
    }
    if (performance.now() > deadline) throw new Error(`waited ${timeoutMs} ms for ${patience.what}`, { cause: last })
    await delay(pauseMs)
  }
}
