import type { Auth } from '@gatehouse/contract/auth.ts'
import type { Ports } from './ports.ts'

/** Publishes the keys that tokens may be signed with, the next one among them: verifiers know it before it signs. */
export const getJwks =
  ({ keyring }: Ports): Auth['jwks'] =>
  async () => ({ keys: keyring.publicKeys().map(({ kid, x, y }) => publicKey(kid, x, y)) })

const publicKey = (kid = '', x = '', y = '') =>
  ({ kty: 'EC', crv: 'P-256', x, y, kid, alg: 'ES256', use: 'sig' }) as const
