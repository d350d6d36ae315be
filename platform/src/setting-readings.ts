import { BlockList, isIP } from 'node:net'
import { parseDatabaseUrl } from '@gatehouse/sql/database-url.ts'

/** Turns what stands in the environment into a value, or throws a sentence that goes behind the setting's name. */
export type Reading<Value> = (given: string) => Value

/** The readings that the settings table is made of. */
export const readings = {
  text: (given: string): string => given,

  port: (given: string): number => wholeNumber(given, 0, 65_535),

  count:
    (least: number, most: number): Reading<number> =>
    (given) =>
      wholeNumber(given, least, most),

  seconds:
    (least: number, most: number): Reading<number> =>
    (given) =>
      wholeNumber(given, least, most),

  oneOf:
    <const Words extends readonly string[]>(...words: Words): Reading<Words[number]> =>
    (given) => {
      const word = words.find((candidate) => candidate === given)
      if (word === undefined) throw new Error(`is one of ${words.join(', ')}, not ${JSON.stringify(given)}`)
      return word
    },

  urls: (given: string): readonly string[] => given.split(',').map((part) => origin(part.trim())),

  /** Addresses and networks, `10.0.0.0/8`: what is not in the list is not trusted, so a slip must not widen it. */
  networks: (given: string): BlockList => {
    const list = new BlockList()
    for (const part of given.split(',')) addNetwork(list, part.trim())
    return list
  },

  databaseUrl: (given: string): string => {
    parseDatabaseUrl(given)
    return given
  },

  /** The base of a collector's URLs: it may have a path. */
  collector: (given: string): string => {
    const url = URL.parse(given)
    if (
      url === null ||
      !/^https?:$/.test(url.protocol) ||
      url.search !== '' ||
      url.hash !== '' ||
      url.username !== ''
    ) {
      throw new Error('is http://host:port or https://host:port, a path may follow')
    }
    return given
  },

  headers: (given: string): string => {
    tracingHeaders(given)
    return given
  },

  share: (given: string): number => {
    const number = Number(given)
    if (!/^[\d.]+$/.test(given) || !(number >= 0 && number <= 1)) {
      throw new Error(`is a number from 0 to 1, not ${JSON.stringify(given)}`)
    }
    return number
  },

  secret: (given: string): string => {
    if (Buffer.byteLength(given) < secretBytesMin) {
      throw new Error(`has ${Buffer.byteLength(given)} bytes and needs ${secretBytesMin}: openssl rand -hex 32`)
    }
    if (sample.test(given) || new Set(given).size < 8)
      throw new Error('is a sample value, known to everyone: openssl rand -hex 32')
    // INTERNAL_SECRET travels as a bearer (RFC 6750, section 2.1); one rule for all secrets is easier to keep.
    if (!/^[\w.~+/-]+=*$/.test(given))
      throw new Error('has characters that cannot travel in a header: openssl rand -hex 32')
    return given
  },
} as const

/** The fields in `OTEL_EXPORTER_OTLP_HEADERS`: `name=value`, percent-encoded, with commas between. */
export const tracingHeaders = (given: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    given.split(',').flatMap((part) => {
      if (part.trim() === '') return []
      const [, name, encoded = ''] = /^\s*([\w!#$%&'*+.^`|~-]+)\s*=(.*)$/.exec(part) ?? []
      const value = decoded(encoded.trim())
      // The values are keys, so none of it is said back.
      if (name === undefined || value === undefined) throw new Error('is name=value, several with commas between')
      return [[name.toLowerCase(), value]]
    }),
  )

const decoded = (value: string): string | undefined => {
  try {
    const text = decodeURIComponent(value)
    return /^[\x20-\x7e]*$/.test(text) ? text : undefined
  } catch {
    return undefined
  }
}

/** Tells whether only this machine can reach the address. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))

const secretBytesMin = 32
// What the reference system's files say, and what people type in its place.
const sample = /your-super-secret|change[-_ ]?(?:me|in[-_ ]production)|fallback-secret|example/i

const wholeNumber = (given: string, least: number, most: number): number => {
  if (!/^\d+$/.test(given) || Number(given) < least || Number(given) > most) {
    throw new Error(`is a whole number from ${least} to ${most}, not ${JSON.stringify(given)}`)
  }
  return Number(given)
}

const origin = (given: string): string => {
  const url = URL.parse(given)
  if (
    url === null ||
    !/^https?:$/.test(url.protocol) ||
    url.pathname !== '/' ||
    url.search !== '' ||
    url.username !== ''
  ) {
    throw new Error('is http://host:port, without a path; several with commas between')
  }
  return url.origin
}

const addNetwork = (list: BlockList, given: string): void => {
  const fault = `has ${JSON.stringify(given)}, which is no address or network as in 10.0.0.0/8 or 2001:db8::/32`
  const [written = '', bits, ...more] = given.split('/')
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(written)?.[1]
  const address = mapped ?? written
  const family = isIP(address)
  if (family === 0 || address.includes('%') || more.length > 0) throw new Error(fault)
  const widest = family === 6 ? 128 : 32
  if (bits !== undefined && !/^\d{1,3}$/.test(bits)) throw new Error(fault)
  // `::ffff:10.0.0.0/104` is 10.0.0.0/8 as a socket that speaks both writes it.
  const prefix = bits === undefined ? widest : Number(bits) - (mapped === undefined ? 0 : 96)
  if (prefix === 0) throw new Error(`has ${JSON.stringify(given)}: whoever is trusted may say what it likes`)
  if (prefix < 0 || prefix > widest) throw new Error(fault)
  list.addSubnet(address, prefix, family === 6 ? 'ipv6' : 'ipv4')
}
