import type { Refusal, RefusalCode } from '@gatehouse/contract/refusals.ts'
import { refusals } from '@gatehouse/contract/refusals.ts'
import type { Exchange } from './exchange.ts'
import type { OwnRoute, RouteFile } from './own-route.ts'
import type { Onward } from './ports.ts'
import type { FindRoute, Route } from './routes.ts'
import { laxly } from './spelling.ts'

/** What a request has come to. */
export type Outcome = {
  readonly exchange: Exchange
  readonly find: FindRoute
  readonly file: RouteFile
  readonly places: ReadonlyMap<string, string>
  readonly sent: Sent | undefined
  readonly refusal: Refusal | undefined
  readonly status: number | undefined
}

/** What would have been sent on, and where. */
export type Sent = { readonly service: string; readonly onward: Onward }

/** Puts into words what a request has come to: a line for each decision, up to the one that refused. */
export const explanationOf = (outcome: Outcome): string => {
  const { exchange, refusal } = outcome
  // The route as it was found: a preflight has changed it since.
  const route = exchange.path === '' ? undefined : outcome.find(exchange.path)
  const own = outcome.file.routes.find(({ prefix }) => prefix === route?.name)
  const lines: string[] = []
  for (const { name, decided, refuses } of decisions) {
    const isHere = refusal !== undefined && refuses(refusal.code, exchange)
    const words = isHere ? `${decided({ ...outcome, route, own })}: refused` : decided({ ...outcome, route, own })
    lines.push(line(name, words))
    if (isHere) break
  }
  lines.push(line('answer', verdict(outcome)))
  return `${exchange.message.method} ${exchange.message.target}\n\n${lines.join('\n')}\n`
}

type Known = Outcome & { readonly route: Route | undefined; readonly own: OwnRoute | undefined }

type Decision = {
  readonly name: string
  readonly decided: (known: Known) => string
  /** Whether a refusal with this code was this decision's. */
  readonly refuses: (code: RefusalCode, exchange: Exchange) => boolean
}

const never = (): boolean => false

/** In the order of the steps. */
const decisions: readonly Decision[] = [
  {
    name: 'request',
    decided: ({ exchange, refusal }) =>
      exchange.path === '' ? (refusal?.particulars.detail ?? 'malformed') : 'passes every check',
    refuses: (_code, { path }) => path === '',
  },
  {
    name: 'path',
    decided: ({ exchange: { path, query, message } }) =>
      `${path}${query}${message.target.startsWith(path) ? '' : ', the normal form of what was asked for'}`,
    refuses: never,
  },
  { name: 'route', decided: (known) => foundRoute(known), refuses: (code) => code === 'service-not-found' },
  { name: 'cors', decided: (known) => whoMayRead(known), refuses: never },
  {
    name: 'method',
    decided: ({ route, exchange }) =>
      exchange.route !== route
        ? 'a preflight: the gateway answers it itself'
        : `${exchange.message.method}; the route takes ${route?.methods?.join(', ') ?? 'every method'}`,
    refuses: (code) => code === 'method-not-allowed',
  },
  { name: 'rate limit', decided: (known) => rateLimitOf(known), refuses: never },
  {
    name: 'access',
    decided: ({ exchange, route }) => accessOf(exchange, route),
    refuses: (code) => code.startsWith('token-') || code === 'duplicate-authorization',
  },
  {
    name: 'body',
    decided: ({ route }) =>
      route?.bodyBytesMax === undefined ? 'any size' : `at most ${route.bodyBytesMax} bytes on this route`,
    refuses: (code) => code === 'body-too-large',
  },
  { name: 'timeouts', decided: ({ own }) => timeoutsOf(own), refuses: never },
  { name: 'retries', decided: ({ own }) => retriesOf(own), refuses: never },
  { name: 'sent on', decided: (known) => sentOn(known), refuses: never },
]

const foundRoute = ({ exchange: { path }, find, route, places, file }: Known): string => {
  const meant = route === undefined ? find(laxly(path)) : undefined
  if (meant !== undefined)
    return `another spelling of ${meant.name}: a service that does not mind would serve it past the rules of that route`
  if (route === undefined)
    return `no prefix matches; there are /auth, /users${file.routes.map(({ prefix }) => `, ${prefix}`).join('')}`
  const others = [...new Set(ancestorsOf(path).flatMap((above) => find(above) ?? []))].filter(
    ({ name, ...rest }) => name !== route.name && 'prefix' in rest,
  )
  const place = places.get(route.name)
  const why = 'prefix' in route ? 'the longest prefix that matches' : "the gateway's own operation"
  const shorter = others.length === 0 ? '' : `; so do ${others.map(({ name }) => name).join(', ')}`
  return `${route.name}${place === undefined ? ', built in' : ` (${place})`}: ${why}${shorter}`
}

/** The paths above this one, longest first: what a table finds for them are the shorter prefixes that match too. */
const ancestorsOf = (path: string): readonly string[] => {
  const segments = path.split('/').slice(1)
  return segments.map((_, depth) => `/${segments.slice(0, segments.length - 1 - depth).join('/')}`)
}

const whoMayRead = ({ exchange, route, own, file }: Known): string => {
  if (route?.cors === undefined) return 'no rule: the service speaks for itself'
  const rule = own?.cors === undefined && file.cors !== undefined ? 'the rule of the file' : 'the rule of the route'
  const told = pairs(exchange.answerHeaders).filter(([name]) => name.startsWith('access-control-') || name === 'vary')
  const allowed = told.some(([name]) => name === 'access-control-allow-origin')
  return `${rule}: ${allowed ? 'its page may read the answer' : 'no other origin may read the answer'}${block(told)}`
}

const rateLimitOf = ({ exchange, route, own, file }: Known): string => {
  const limit = own?.rateLimit ?? file.rateLimit
  // What the gateway answers itself is not counted.
  if (limit === undefined || exchange.route !== route) return 'none'
  const whose = limit.by === 'address' ? 'each address' : 'each caller, or each address where nobody is known'
  const rule = own?.rateLimit === undefined ? 'by the rule of the file' : 'by the rule of the route'
  return `${limit.requests} requests in ${limit.windowSeconds} s for ${whose}, ${rule}`
}

const accessOf = ({ message: { authorizations }, caller }: Exchange, route: Route | undefined): string => {
  if (route?.access === 'public') return 'public: the token, if there is one, is for the service to look at'
  const token = caller !== undefined ? 'would be verified' : authorizations > 0 ? 'is not one' : 'is missing'
  if (route?.access === 'optional')
    return authorizations === 0 ? 'optional: nobody is known' : `optional: but the token that was sent ${token}`
  return `required: the token ${token}`
}

const timeoutsOf = (own: OwnRoute | undefined): string => {
  if (own === undefined) return 'the defaults'
  const { connectMs, answerHeadMs, answerPauseMs, deadlineMs } = own.timeouts
  const parts = `connect ${connectMs} ms, head ${answerHeadMs} ms, pause ${answerPauseMs} ms`
  return `${parts}, all attempts ${deadlineMs} ms`
}

const retriesOf = (own: OwnRoute | undefined): string =>
  own === undefined ? 'the defaults' : `${own.retriesMax}, of idempotent requests`

const sentOn = ({ sent, exchange }: Known): string =>
  sent === undefined ? 'nothing' : sentText(exchange.message.method, sent)

const sentText = (method: string, { service, onward: { target, clientFields, headers } }: Sent): string =>
  `${method} ${target} to ${service}${block(pairs([...clientFields.flat, ...headers]))}`

const verdict = ({ refusal, status, sent }: Outcome): string => {
  if (refusal === undefined) return sent === undefined ? "the gateway's own" : "the service's"
  return `${status} ${refusal.code}: ${refusals[refusal.code].title}`
}

const line = (name: string, words: string): string => `${name.padEnd(nameWidth)}${words}`

const nameWidth = 12

const block = (fields: readonly (readonly [string, string])[]): string =>
  fields.map(([name, value]) => `\n${' '.repeat(nameWidth + 2)}${name}: ${value}`).join('')

const pairs = (flat: readonly string[]): readonly (readonly [string, string])[] =>
  flat.flatMap((name, at) => (at % 2 === 0 ? [[name, flat[at + 1] ?? ''] as const] : []))
