import { revocations, type Revocations } from '@gatehouse/access-tokens/revocations.ts'
import { accessTokenVerifier, type AccessTokenVerifier } from '@gatehouse/access-tokens/verifier.ts'
import type { AuthSource } from './reach.ts'
import type { Surroundings } from './surroundings.ts'

/** A verifier, and what it hears of sessions that end. */
export type RunningVerifier = AccessTokenVerifier & { readonly sessions: Revocations }

/**
 * The verifier of this process: one for all services in it, so that a token is verified once and a revocation kept
 * once.
 */
export const startVerifier = ({ feed, reader, ask }: AuthSource, around: Surroundings): RunningVerifier => {
  const { settings, life, readiness, metrics, clock } = around
  const known = revocations({ clock, maxStalenessMs: settings.REVOCATION_MAX_STALENESS_SECONDS * 1000 })
  life.started('revocations', feed.follow('in-force', known.receive))
  readiness.check('revocations', () => {
    if (!known.caughtUp()) return 'the first snapshot of the event feed has not come yet'
    return known.fresh()
      ? undefined
      : `nothing heard for ${Math.round(known.stalenessMs())} ms: asking auth-service about each token`
  })
  metrics.gauge('revocation_staleness_seconds', 'Time since the event feed was last heard of.', () =>
    Number.isFinite(known.stalenessMs()) ? known.stalenessMs() / 1000 : undefined,
  )
  metrics.gauge('revocations_held', 'Ended sessions and raised epochs in memory.', known.size)
  return { ...accessTokenVerifier({ reader, revocations: known, ask }), sessions: known }
}
