import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { calculateJwkThumbprint, type JWK } from 'jose'
import type { Clock } from '@gatehouse/clock/clock.ts'
import type { Log } from '@gatehouse/observe/log.ts'
import type { KeySeal } from './key-seal.ts'
import type { Keyring, NewSigningKey, SigningKeys, StoredKey } from './ports.ts'
import type { SigningKey } from './sign-token.ts'

type Parts = {
  readonly store: SigningKeys
  readonly seal: KeySeal
  readonly log: Log
  readonly clock: Clock
  /** A key that has signed for so long is replaced by the next one. */
  readonly rotateAfterMs?: number
}

type Held = StoredKey & { readonly publicKey: KeyObject }

/** A keyring that reads itself anew from the database, so that replicas agree on the keys within `refreshMs`. */
export type LivingKeyring = Keyring & { readonly stop: () => void }

/**
 * Opens the ring. Makes the first two keys in an empty database; of several processes that start at once each key's
 * place goes to one.
 */
export const openKeyring = async ({
  store,
  seal,
  log,
  clock,
  rotateAfterMs = 90 * 86_400_000,
}: Parts): Promise<LivingKeyring> => {
  let held: ReadonlyMap<string, Held> = new Map()
  let signing: SigningKey | undefined

  const read = async (): Promise<void> => {
    const keys = await store.list()
    const current = keys.find(({ state }) => state === 'current')
    if (current !== undefined && current.kid !== signing?.kid) signing = openSigning(current, seal)
    held = new Map(keys.map((key) => [key.kid, { ...(held.get(key.kid) ?? hold(key)), ...key }]))
  }

  await read()
  for (const state of ['current', 'next'] as const) {
    if ([...held.values()].some((key) => key.state === state)) continue
    await store.add(await makeSigningKey(state, seal))
    await read()
  }
  const refresh = async (): Promise<void> => {
    await read()
    const current = [...held.values()].find(({ state }) => state === 'current')
    if (current?.activatedAt === undefined || clock.now() - current.activatedAt < rotateAfterMs) return
    if (await store.rotate(current.kid, await makeSigningKey('next', seal)))
      log.info({ retired: current.kid }, 'signing key rotated')
    await read()
  }
  const timer = setInterval(() => {
    refresh().catch((err: unknown) =>
      log.warn({ err }, 'signing keys could not be read again; going on with those at hand'),
    )
  }, refreshMs).unref()

  return {
    find: (kid) => held.get(kid)?.publicKey,
    has: (kid) => held.has(kid),
    publicKeys: () => [...held.values()].map(({ publicJwk, kid }) => ({ ...publicJwk, kid })),
    signingKey: () => {
      if (signing === undefined) throw new Error('no signing key is current')
      return signing
    },
    stop: () => clearInterval(timer),
  }
}

/** A key that was rotated or removed elsewhere is known here after at most this long. */
const refreshMs = 15_000

const hold = (key: StoredKey): Held => ({ ...key, publicKey: createPublicKey({ key: key.publicJwk, format: 'jwk' }) })

const openSigning = ({ kid, sealedPrivateKey }: StoredKey, seal: KeySeal): SigningKey => {
  let der: Buffer
  try {
    der = seal.open(kid, sealedPrivateKey)
  } catch (cause) {
    throw new Error(
      'The signing keys in the database were sealed under another JWT_SECRET_KEY. ' +
        'Start with the one they were made with.',
      { cause },
    )
  }
  return { kid, privateKey: createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }) }
}

/** Makes a key pair for this place, the private half sealed. */
export const makeSigningKey = async (state: 'current' | 'next', seal: KeySeal): Promise<NewSigningKey> => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const publicJwk: JWK = publicKey.export({ format: 'jwk' })
  const kid = await calculateJwkThumbprint(publicJwk)
  return {
    kid,
    state,
    publicJwk,
    sealedPrivateKey: seal.seal(kid, privateKey.export({ format: 'der', type: 'pkcs8' })),
  }
}
