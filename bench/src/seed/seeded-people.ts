import { createHash } from 'node:crypto'
import { refreshTokens } from '@gatehouse/auth-service/refresh-tokens.ts'

/** Somebody who was written into the databases in bulk. */
export type SeededPerson = {
  /** UUIDv7, by the time of `bornAt`. */
  readonly id: string
  readonly publicId: string
  /** In their own normal form: they are compared as they are shown. */
  readonly username: string
  readonly email: string
  /** Milliseconds since the epoch. */
  readonly bornAt: number
}

/** A session of somebody seeded. */
export type SeededSession = {
  /** UUIDv7, by the time of `startedAt`. */
  readonly id: string
  /** Milliseconds since the epoch. */
  readonly startedAt: number
  /** The refresh token that is good, and the hash by which the database knows it. */
  readonly refreshToken: string
  readonly refreshHash: string
}

/** People who can be told again from their numbers: nothing of a million of them has to be kept to speak as one. */
export type SeededPeople = {
  readonly person: (index: number) => SeededPerson
  /** Their sessions are numbered in the order in which they began: the first of everybody, then the second. */
  readonly session: (number: number) => SeededSession
  readonly ownerOf: (number: number) => number
  readonly userCount: number
  readonly sessionCount: number
  readonly at: number
}

/** How many, and until when. */
export type SeedSize = {
  readonly users: number
  readonly sessionsEach: number
  /** Milliseconds since the epoch: what was seeded happened before it. */
  readonly at: number
}

/**
 * Describes them. The secret (`JWT_SECRET_KEY`) makes their refresh tokens ones that the service takes; all else
 * follows from the numbers, so these people are for measuring and never for a house that somebody lives in.
 */
export const seededPeople = ({ users, sessionsEach, at }: SeedSize, secret: string): SeededPeople => {
  const sessionCount = users * sessionsEach
  // One maker of tokens for all: deriving its key costs more than a token.
  let random: Buffer = Buffer.alloc(0)
  const tokens = refreshTokens(secret, (length) => random.subarray(idBytes, idBytes + length))
  const between = (from: number, to: number, share: number): number => Math.floor(at + from + (to - from) * share)
  return {
    userCount: users,
    sessionCount,
    at,
    ownerOf: (number) => number % users,
    person: (index) => {
      const random = bytesOf('person', index)
      const bornAt = between(bornFromMs, bornToMs, index / users)
      const username = `person-${index}`
      return {
        id: uuid(7, withTime(bornAt, random)),
        publicId: uuid(4, random.subarray(idBytes, 2 * idBytes)),
        username,
        email: `${username}@seed.example`,
        bornAt,
      }
    },
    session: (number) => {
      random = bytesOf('session', number)
      const startedAt = between(startedFromMs, startedToMs, number / sessionCount)
      const id = uuid(7, withTime(startedAt, random))
      const { text, hash } = tokens.make(id)
      return { id, startedAt, refreshToken: text, refreshHash: hash }
    },
  }
}

const idBytes = 16
const dayMs = 86_400_000
const bornFromMs = -400 * dayMs
const bornToMs = -30 * dayMs
const startedFromMs = -20 * dayMs
const startedToMs = -dayMs

const bytesOf = (kind: string, index: number): Buffer => createHash('sha512').update(`${kind} ${index}`).digest()

const withTime = (at: number, random: Buffer): Buffer => {
  const bytes = Buffer.from(random.subarray(0, idBytes))
  bytes.writeUIntBE(at, 0, 6)
  return bytes
}

/** RFC 9562: the version and the variant in bytes that are random otherwise. */
const uuid = (version: 4 | 7, random: Buffer): string => {
  const bytes = Buffer.from(random)
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | (version << 4), 6)
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8)
  const hex = bytes.toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}
