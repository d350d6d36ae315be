import type { Auth } from '@gatehouse/contract/auth.ts'

/**
 * Says who a token stands for. The guard has asked the database already: a token that is not good does not come this
 * far.
 */
export const validate =
  (): Auth['validate'] =>
  async (_input, { userId, sessionId, expiresAt }) => ({
    valid: true,
    user_id: userId,
    session_id: sessionId,
    expires_at: expiresAt,
  })
