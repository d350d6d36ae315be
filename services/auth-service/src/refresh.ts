import type { Auth } from '@gatehouse/contract/auth.ts'
import { refuse } from '@gatehouse/contract/refusals.ts'
import type { Ports } from './ports.ts'

/**
 * Exchanges a refresh token for the next pair. Of many callers with one token, on any replica, one rotates it, by one
 * conditional UPDATE; the others are given the same successor for ten seconds. Later, or once the successor has been
 * used, somebody holds a token that is not theirs: then the whole session ends, before the answer.
 */
export const refresh =
  ({ sessions, accessTokens, refreshTokens }: Ports): Auth['refresh'] =>
  async ({ refresh_token }, { address }) => {
    const presented = refreshTokens.read(refresh_token)
    if (presented === undefined) throw refuse('refresh-token-invalid')
    const { sessionId, hash } = presented
    const next = refreshTokens.make(sessionId)
    const rotation = await sessions.rotate({
      sessionId,
      from: hash,
      to: next.hash,
      sealedSuccessor: refreshTokens.sealSuccessor(presented, next),
      address,
    })
    if (rotation.outcome === 'reused') await sessions.end(sessionId)
    if (rotation.outcome === 'reused' || rotation.outcome === 'dead') throw refuse('refresh-token-invalid')

    const { session } = rotation
    const { token, expiresInSeconds } = accessTokens.issue(session, session)
    return {
      token,
      user_id: session.publicId,
      token_type: 'Bearer',
      expires_in: expiresInSeconds,
      refresh_token:
        rotation.outcome === 'rotated' ? next.text : refreshTokens.openSuccessor(presented, rotation.sealedSuccessor),
    }
  }
