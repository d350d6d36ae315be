import { readFileSync } from 'node:fs'
import type { BlockList } from 'node:net'
import { isLoopback, type Reading, readings } from './setting-readings.ts'
import type { Target } from './targets.ts'

/** One setting: how it is read, what it is when nothing is said, and what it means. */
type Row<Value> = {
  readonly read: Reading<Value>
  readonly otherwise: Value
  readonly meaning: string
  readonly secret?: true
}

const row = <Value>(read: Reading<Value>, otherwise: NoInfer<Value>, meaning: string): Row<Value> => ({
  read,
  otherwise,
  meaning,
})
const secretRow = (read: Reading<string>, meaning: string): Row<string | undefined> => ({
  read,
  otherwise: undefined,
  meaning,
  secret: true,
})
const { share, collector, headers, text, port, count, seconds, urls, networks, databaseUrl, secret, oneOf } = readings

/**
 * Every setting there is. Nothing else reads the environment. A secret can also come from a file:
 * `JWT_SECRET_KEY_FILE=/run/secrets/…`.
 */
export const settingsTable = {
  HOST: row(text, '127.0.0.1', 'The address to listen on.'),
  GATEWAY_PORT: row(port, 8000, 'Where the gateway listens; 0 takes any free port.'),
  GATEWAY_WORKERS: row(
    count(1, 64),
    1,
    'Gateway processes on its port, as many as it may use cores; more than one with --target=api-gateway alone.',
  ),
  AUTH_PORT: row(port, 5001, 'Where auth-service listens, unless all is one process.'),
  USER_PORT: row(port, 5002, 'Where user-service listens, unless all is one process.'),
  ADMIN_HOST: row(text, '127.0.0.1', 'Where /livez, /readyz and /metrics listen: never an address the public reaches.'),
  ADMIN_PORT: row(port, 8001, 'The port of /livez, /readyz and /metrics of this process.'),
  DATA_DIR: row(text, './data', 'Where the SQLite files and the generated key are, readable by their owner alone.'),
  DATABASE_URL: row<string | undefined>(
    databaseUrl,
    undefined,
    'One database for both services: sqlite:///path or mysql://user:password@host:port/name.',
  ),
  AUTH_DATABASE_URL: row<string | undefined>(
    databaseUrl,
    undefined,
    'The database of auth-service, before DATABASE_URL.',
  ),
  USER_DATABASE_URL: row<string | undefined>(
    databaseUrl,
    undefined,
    'The database of user-service, before DATABASE_URL.',
  ),
  REDIS_URL: row<string | undefined>(
    text,
    undefined,
    'Redis, by which replicas hear of each other sooner and gateways limit rates together. Never truth.',
  ),
  AUTH_SERVICE_URL: row(urls, ['http://auth-service:5000'], 'Where auth-service is; several with commas between.'),
  USER_SERVICE_URL: row(urls, ['http://user-service:5000'], 'Where user-service is; several with commas between.'),
  JWT_SECRET_KEY: secretRow(
    secret,
    'Encrypts the signing keys in the database. At least 32 bytes; generated when all is one process.',
  ),
  INTERNAL_SECRET: secretRow(secret, 'Opens the event feed between processes. At least 32 bytes.'),
  TOKEN_ISSUER: row(text, 'gatehouse', 'The `iss` of access tokens; the same on every node.'),
  TOKEN_AUDIENCE: row(text, 'gatehouse', 'The `aud` of access tokens; the same on every node.'),
  ACCESS_TOKEN_TTL_SECONDS: row(seconds(1, 7 * 86_400), 86_400, 'How long an access token is valid.'),
  REFRESH_TOKEN_TTL_SECONDS: row(seconds(60, 366 * 86_400), 2_592_000, 'How long a session lives.'),
  REVOCATION_MAX_STALENESS_SECONDS: row(
    seconds(3, 60),
    5,
    'How long a verifier trusts what it last heard; then it asks, then it refuses.',
  ),
  GATEWAY_ROUTES: row<string | undefined>(text, undefined, 'A file with routes of your own, YAML or JSON.'),
  TLS_CERT_FILE: row<string | undefined>(
    text,
    undefined,
    'The certificate of the public port with its chain, PEM: HTTPS and HTTP/2 on it. Read again when it changes.',
  ),
  TLS_KEY_FILE: row<string | undefined>(text, undefined, 'The key of that certificate, PEM, without a passphrase.'),
  TRUSTED_PROXIES: row<BlockList | undefined>(
    networks,
    undefined,
    'Who is believed in X-Forwarded-* and Forwarded: addresses and networks of proxies, commas between.',
  ),
  STOP_ACCEPT_SECONDS: row(
    seconds(0, 300),
    1,
    'How long connections are still taken after SIGTERM: as long as a load balancer needs to see that /readyz is off.',
  ),
  PASSWORD_POLICY: row<'strict' | 'relaxed' | undefined>(
    oneOf('strict', 'relaxed'),
    undefined,
    'strict: 8 characters and not a common one; relaxed: 6. Relaxed by default for one process on loopback only.',
  ),
  OTEL_EXPORTER_OTLP_ENDPOINT: row<string | undefined>(
    collector,
    undefined,
    'Where traces go, by OTLP over HTTP in JSON: http://collector:4318. None are kept without it.',
  ),
  OTEL_EXPORTER_OTLP_HEADERS: secretRow(headers, 'What the collector is told besides: name=value, commas between.'),
  OTEL_SERVICE_NAME: row<string | undefined>(
    text,
    undefined,
    'What this process is called in traces: gatehouse, or its target, unless told.',
  ),
  OTEL_TRACES_SAMPLER: row<SamplerName>(
    oneOf(
      'parentbased_always_on',
      'parentbased_always_off',
      'parentbased_traceidratio',
      'always_on',
      'always_off',
      'traceidratio',
    ),
    'parentbased_always_on',
    'Which traces are recorded: as their parent says, all, none, or a share.',
  ),
  OTEL_TRACES_SAMPLER_ARG: row(share, 1, 'That share, from 0 to 1.'),
  LOG_LEVEL: row<'debug' | 'info' | 'warn' | 'error'>(
    oneOf('debug', 'info', 'warn', 'error'),
    'info',
    'The least important event to write.',
  ),
  LOG_FORMAT: row<'pretty' | 'json' | undefined>(
    oneOf('pretty', 'json'),
    undefined,
    'pretty on a terminal, json otherwise.',
  ),
} as const satisfies Readonly<Record<string, Row<unknown>>>

type Name = keyof typeof settingsTable
type Value<R> = R extends Row<infer V> ? V : never

type SamplerName = `${'parentbased_' | ''}${'always_on' | 'always_off' | 'traceidratio'}`

/** Every setting, read and checked, under its own name. */
export type Settings = { readonly [N in Name]: Value<(typeof settingsTable)[N]> }

/** Says everything that is wrong with the settings at once, a line each. */
export class SettingsFault extends Error {
  constructor(faults: readonly string[]) {
    const which = faults.length === 1 ? 'A setting is' : `${faults.length} settings are`
    super([`${which} wrong:`, ...faults.map((fault) => `  ${fault}`)].join('\n'))
  }
}

/**
 * Reads all settings for a process of this target. Throws a `SettingsFault` that names every fault, and never a
 * secret's value.
 */
export const readSettings = (env: Readonly<Record<string, string | undefined>>, target: Target): Settings => {
  const faults: string[] = []
  const read = (name: Name): unknown => {
    const { read, otherwise, secret }: Row<unknown> = settingsTable[name]
    try {
      const given = env[name] || (secret === true ? fromFile(env[`${name}_FILE`]) : undefined)
      return given === undefined || given === '' ? otherwise : read(given)
    } catch (error) {
      faults.push(`${name} ${error instanceof Error ? error.message : String(error)}`)
      return otherwise
    }
  }
  // Every name of the table, each read by its own row: that is the type.
  const settings = Object.fromEntries(Object.keys(settingsTable).map((name) => [name, read(name as Name)])) as Settings
  faults.push(...combinations.flatMap((check) => check(settings, target) ?? []))
  if (faults.length > 0) throw new SettingsFault(faults)
  return settings
}

/** What must hold between settings. Each returns what is wrong, if it is. */
const combinations: readonly ((settings: Settings, target: Target) => string | undefined)[] = [
  ({ INTERNAL_SECRET }, target) =>
    target !== 'all' && INTERNAL_SECRET === undefined
      ? 'INTERNAL_SECRET is required between processes: openssl rand -hex 32'
      : undefined,
  ({ JWT_SECRET_KEY }, target) =>
    target === 'auth-service' && JWT_SECRET_KEY === undefined
      ? 'JWT_SECRET_KEY is required when auth-service is a process of its own: openssl rand -hex 32'
      : undefined,
  ({ GATEWAY_WORKERS, GATEWAY_PORT }, target) =>
    target === 'api-gateway' && GATEWAY_WORKERS > 1 && GATEWAY_PORT === 0
      ? 'GATEWAY_WORKERS is more than 1 and GATEWAY_PORT is 0: each worker would take a port of its own'
      : undefined,
  ({ ACCESS_TOKEN_TTL_SECONDS, REFRESH_TOKEN_TTL_SECONDS }) =>
    ACCESS_TOKEN_TTL_SECONDS > REFRESH_TOKEN_TTL_SECONDS
      ? 'ACCESS_TOKEN_TTL_SECONDS is longer than REFRESH_TOKEN_TTL_SECONDS: a token cannot outlive its session'
      : undefined,
  ({ TLS_CERT_FILE, TLS_KEY_FILE }) =>
    (TLS_CERT_FILE === undefined) === (TLS_KEY_FILE === undefined)
      ? undefined
      : `TLS_${TLS_CERT_FILE === undefined ? 'CERT' : 'KEY'}_FILE is missing: a certificate and its key go together`,
  ({ INTERNAL_SECRET, JWT_SECRET_KEY }) =>
    INTERNAL_SECRET !== undefined && INTERNAL_SECRET === JWT_SECRET_KEY
      ? 'INTERNAL_SECRET is the same as JWT_SECRET_KEY: who follows the feed could open the signing keys'
      : undefined,
]

/** The password rule in force: relaxed is only the default where nobody else can reach us. */
export const passwordPolicyOf = ({ PASSWORD_POLICY, HOST }: Settings, target: Target): 'strict' | 'relaxed' =>
  PASSWORD_POLICY ?? (target === 'all' && isLoopback(HOST) ? 'relaxed' : 'strict')

/** For people on a terminal, for machines elsewhere. */
export const logFormatOf = ({ LOG_FORMAT }: Settings): 'pretty' | 'json' =>
  LOG_FORMAT ?? (process.stdout.isTTY ? 'pretty' : 'json')

const fromFile = (path: string | undefined): string | undefined => {
  if (path === undefined) return undefined
  try {
    return readFileSync(path, 'utf8').trim()
  } catch (cause) {
    throw new Error(`cannot be read from the file ${path}`, { cause })
  }
}
