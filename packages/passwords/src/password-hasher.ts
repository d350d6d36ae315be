import argon2 from '@node-rs/argon2'
import { gate, type GateLimits } from './gate.ts'

/** Makes and checks password hashes. Both wait at the same gate, and both may refuse with `hashing-busy`. */
export type PasswordHasher = {
  /**
   * Refuses with `hashing-busy` when the gate has no place left. To be asked before anything is looked up or reserved
   * for a hash: in a flood of logins that was most of the work, and all of it for nothing.
   */
  readonly admit: () => void
  /** Answers the hash to store: a PHC string with its own salt. */
  readonly hash: (password: string) => Promise<string>
  /**
   * Compares with the stored hash. `undefined` stands for an account that does not exist: it costs what a wrong
   * password costs, and is never ok. `weak` says that the stored hash costs less than today's, so that a login can
   * replace it.
   *
   * A stored hash that is no argon2 hash is an error and not a wrong password: the row is damaged, and telling its
   * owner "wrong password" for ever would hide that from the operator. It is a 500 for this one account, which the log
   * explains.
   */
  readonly verify: (stored: string | undefined, password: string) => Promise<Verdict>
}

/** What comparing a password with a stored hash has shown. */
export type Verdict = { readonly ok: boolean; readonly weak: boolean }

/**
 * argon2id behind a gate. Give it one permit a core and fewer than libuv has threads: the hashes run there, and so do
 * files and DNS. `bytes` is the randomness of the salts.
 */
export const passwordHasher = ({ permits, queueMax, bytes }: PasswordHasherParts): PasswordHasher => {
  const atTheGate = gate({ permits, queueMax })
  const nobody = hashOfNoPassword(bytes)

  return {
    admit: atTheGate.look,

    hash: (password) =>
      atTheGate.pass(() => argon2.hash(normalised(password), { ...options, salt: bytes(hashCost.saltBytes) })),

    verify: async (stored, password) => {
      const weak = isWeak(stored ?? nobody)
      const matches = await atTheGate.pass(() => argon2.verify(stored ?? nobody, normalised(password)))
      return { ok: matches && stored !== undefined, weak }
    },
  }
}

/** What a hasher is made of. */
export type PasswordHasherParts = GateLimits & { readonly bytes: (length: number) => Uint8Array }

/** What a hash costs. OWASP's first choice for argon2id; the memory is per lane. */
const hashCost = { memoryKiB: 19_456, passes: 2, lanes: 1, saltBytes: 16, tagBytes: 32 } as const

// The library's enums are ambient and vanish with the types; these are their numbers.
const argon2id = 2
const version13 = 1

const options = {
  algorithm: argon2id,
  version: version13,
  memoryCost: hashCost.memoryKiB,
  timeCost: hashCost.passes,
  parallelism: hashCost.lanes,
  outputLen: hashCost.tagBytes,
} as const

// One letter can arrive as one code point or as two, depending on the keyboard: to the one who types it is the same
// password.
const normalised = (password: string): string => password.normalize('NFC')

/**
 * Today's parameters with a random tag: to verify against it is the whole work, and no password is known that it would
 * accept.
 */
const hashOfNoPassword = (bytes: PasswordHasherParts['bytes']): string => {
  const { memoryKiB, passes, lanes, saltBytes, tagBytes } = hashCost
  return `$argon2id$v=19$m=${memoryKiB},t=${passes},p=${lanes}$${base64(bytes(saltBytes))}$${base64(bytes(tagBytes))}`
}

// PHC strings leave the padding off.
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64').replaceAll('=', '')

const isWeak = (stored: string): boolean => {
  const { algorithm, version, memoryCost, timeCost, parallelism, outputLen, saltLen } = parsed(stored)
  return (
    algorithm !== argon2id ||
    version < version13 ||
    memoryCost < hashCost.memoryKiB ||
    timeCost < hashCost.passes ||
    parallelism < hashCost.lanes ||
    outputLen < hashCost.tagBytes ||
    saltLen < hashCost.saltBytes
  )
}

const parsed = (stored: string): ReturnType<typeof argon2.parseOptions> => {
  try {
    return argon2.parseOptions(stored)
  } catch {
    // Neither the string nor the library's word on it: this text is logged, and the column holds secrets.
    throw new Error('a stored password hash is not an argon2 PHC string')
  }
}
