import type { Bearer, Client } from '@gatehouse/contract/operation.ts'

/** Somebody without a token. */
export const anonymous: Client = { requestId: 'request-1', address: '127.0.0.1', userAgent: undefined }

/** Somebody with a good token. */
export const bearer = (userId: string): Client & Bearer => ({
  ...anonymous,
  userId,
  sessionId: 'session-1',
  tokenId: 'token-1',
  expiresAt: 1,
})
