import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { SignJWT, type JWTHeaderParameters } from 'jose'

/** A pair of keys for tests, as auth-service makes them. */
export const keyPair = (kid: string) => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' })
  return { kid, privateKey, publicKey, jwk: { kty: 'EC', crv: 'P-256', x, y, kid, alg: 'ES256', use: 'sig' } }
}

type Changes = {
  readonly claims?: Readonly<Record<string, unknown>>
  readonly header?: Readonly<Record<string, unknown>>
  readonly key?: KeyObject | Uint8Array
}

/** Signs a token that is good for an hour from `now`, except for what is changed; undefined takes a member away. */
export const signToken = (
  pair: { readonly kid: string; readonly privateKey: KeyObject },
  now: number,
  changes: Changes = {},
) => {
  const iat = Math.floor(now / 1000)
  const claims = {
    iss: 'gatehouse',
    aud: 'gatehouse',
    sub: 'user-1',
    public_id: 'user-1',
    sid: 'session-1',
    jti: 'token-1',
    iat,
    exp: iat + 3600,
    epoch: 0,
    ...changes.claims,
  }
  // Tests put in what no type allows.
  const header = { alg: 'ES256', typ: 'at+jwt', kid: pair.kid, ...changes.header } as JWTHeaderParameters
  return new SignJWT(claims).setProtectedHeader(header).sign(changes.key ?? pair.privateKey)
}
