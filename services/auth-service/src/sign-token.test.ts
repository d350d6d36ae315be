import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'
import { jwtVerify } from 'jose'
import { signToken } from './sign-token.ts'

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })

test('every token is good for a library that has not made it, also where a number of the signature is short', async () => {
  let short = 0
  // One number in 256 is shorter than 32 bytes, and one in two has a zero before it in DER.
  for (let count = 0; count < 2_000; count += 1) {
    const token = signToken({ sub: 'Zoë', exp: 4_000_000_000, count }, { kid: 'kid-1', privateKey })
    const { payload, protectedHeader } = await jwtVerify(token, publicKey, { algorithms: ['ES256'], typ: 'at+jwt' })
    assert.deepEqual(protectedHeader, { alg: 'ES256', typ: 'at+jwt', kid: 'kid-1' })
    assert.deepEqual(payload, { sub: 'Zoë', exp: 4_000_000_000, count })
    const signature = Buffer.from(token.split('.')[2] ?? '', 'base64url')
    if (signature[0] === 0 || signature[32] === 0) short += 1
  }
  assert.ok(short > 0)
})
