import { createHash } from 'node:crypto'
import { refuse, type Refusal } from '@gatehouse/contract/refusals.ts'
import type { Counter } from '@gatehouse/counters/counter.ts'
import { networkOf } from '@gatehouse/counters/network-of.ts'
import type { Verdict } from '@gatehouse/passwords/password-hasher.ts'
import type { AttemptLog } from './ports.ts'

/** Bounds how often a password can be guessed. */
export type Attempts = {
  /** Reserves a place for one guess, before anything is hashed; refuses with `too-many-attempts`. */
  readonly begin: (guess: Guess) => Promise<Attempt>
}

type Guess = {
  /** What is being guessed at, by whom as far as it is known: each bucket has failures and waits of its own. */
  readonly bucket: string
  readonly address: string
  readonly isKnownDevice: boolean
}

/** One guess, for which a place is reserved. */
export type Attempt = {
  /** Runs the verification, once. A right password clears the bucket; a failure of ours gives the place back. */
  readonly evaluate: (verify: () => Promise<Verdict>) => Promise<Verdict>
}

type Parts = {
  readonly log: AttemptLog
  /** Failures by address, shared by all replicas. */
  readonly failuresByAddress: Counter
}

/**
 * Counted in SQL for each bucket, so that no number of replicas evaluates more; and by address, against those who try
 * many accounts.
 */
export const attempts = ({ log, failuresByAddress }: Parts): Attempts => ({
  begin: async ({ bucket, address, isKnownDevice }) => {
    // Nor can strangers behind the same address keep the owner's own device out. Loopback is a proxy that does not say
    // whom it speaks for: to count it would count everybody as one.
    const counted = isKnownDevice || isLoopback(address) ? undefined : networkOf(address)
    const giveBackAddress = async (): Promise<void> => {
      if (counted !== undefined) await failuresByAddress.giveBack(counted)
    }
    const addressWaitMs = counted === undefined ? 0 : await failuresByAddress.take(counted)
    if (addressWaitMs > 0) throw tooMany(addressWaitMs)
    const key = createHash('sha256').update(bucket).digest('base64url')
    const waitMs = await unless(giveBackAddress, log.reserve(key))
    if (waitMs > 0) {
      await giveBackAddress()
      throw tooMany(waitMs)
    }

    return {
      evaluate: async (verify) => {
        const giveBack = () => Promise.all([log.release(key), giveBackAddress()])
        const verdict = await unless(giveBack, verify())
        if (verdict.ok) await Promise.all([log.clear(key), giveBackAddress()])
        return verdict
      },
    }
  },
})

/** What fails has found nothing out: a busy machine or a database that is away must not look like somebody guessing. */
const unless = async <T>(giveBack: () => Promise<unknown>, work: Promise<T>): Promise<T> => {
  try {
    return await work
  } catch (error) {
    await giveBack()
    throw error
  }
}

const isLoopback = (address: string): boolean => address === '::1' || address.startsWith('127.')

const tooMany = (waitMs: number): Refusal => refuse('too-many-attempts', { retryAfterSeconds: waitMs / 1000 })
