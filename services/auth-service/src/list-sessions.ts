import type { Auth } from '@gatehouse/contract/auth.ts'
import { deviceName } from './device-name.ts'
import type { Ports } from './ports.ts'

/** Lists the caller's living sessions, so that people recognise their devices, and the one that is not theirs. */
export const listSessions =
  ({ sessions }: Ports): Auth['listSessions'] =>
  async (_input, { userId, sessionId }) => {
    const living = await sessions.listLiving(userId, sessionsShownMax)
    return {
      sessions: living.map(({ id, createdAt, lastSeenAt, expiresAt, address, userAgent }) => ({
        session_id: id,
        created_at: new Date(createdAt).toISOString(),
        last_seen_at: new Date(lastSeenAt).toISOString(),
        expires_at: new Date(expiresAt).toISOString(),
        address,
        device: deviceName(userAgent),
        current: id === sessionId,
      })),
    }
  }

const sessionsShownMax = 100
