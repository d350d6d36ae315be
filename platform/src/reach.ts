import { tokenReader, type TokenReader } from '@gatehouse/access-tokens/token-reader.ts'
import { inProcessUpstream } from '@gatehouse/api-gateway/in-process-upstream.ts'
import type { networkUpstream } from '@gatehouse/api-gateway/network-upstream.ts'
import type { Upstream } from '@gatehouse/api-gateway/ports.ts'
import type { EventFeed } from '@gatehouse/contract/events.ts'
import type { Application } from '@gatehouse/http/application.ts'
import { limits } from './limits.ts'
import type { RunningAuth } from './start-auth-service.ts'
import type { Surroundings } from './surroundings.ts'

/** What a verifier needs of auth-service, wherever that runs. */
export type AuthSource = {
  readonly feed: EventFeed
  /** Tells what a token says, by the keys that sign now. */
  readonly reader: TokenReader
  /** Asks about one token; refuses unless it is good. */
  readonly ask: (token: string) => Promise<void>
}

/** The way to auth-service's knowledge: a function call when it runs here, the network otherwise. */
export const reachAuth = async (auth: RunningAuth | undefined, around: Surroundings): Promise<AuthSource> =>
  auth === undefined ? authElsewhere(around) : authHere(auth)

/** The way for requests: the service's own listener when it runs here, a forwarder otherwise. */
export const reach = async (
  application: Application | undefined,
  urls: readonly string[],
  around: Pick<Surroundings, 'clock' | 'random'>,
): Promise<Upstream> => {
  if (application !== undefined) return inProcessUpstream(application)
  const { routeDefaults } = await import('@gatehouse/api-gateway/route-grammar.ts')
  return reachOver({ urls, ...routeDefaults }, around)
}

/** The way over the network. Its HTTP client is loaded only where there is a network to cross: it costs 8 MB. */
export const reachOver = async (
  service: Pick<Parameters<typeof networkUpstream>[0], 'urls' | 'timeouts' | 'retriesMax' | 'check'>,
  { clock, random }: Pick<Surroundings, 'clock' | 'random'>,
): Promise<Upstream> => {
  const { networkUpstream } = await import('@gatehouse/api-gateway/network-upstream.ts')
  const { limits: upstreamLimits } = await import('@gatehouse/api-gateway/limits.ts')
  return networkUpstream({ ...service, limits: upstreamLimits, clock, random })
}

const authHere = ({ feed, reader, accessTokens }: RunningAuth): AuthSource => ({
  feed,
  reader,
  ask: async (token) => {
    await accessTokens.authenticate(['authorization', `Bearer ${token}`])
  },
})

const authElsewhere = async ({ settings, life, readiness, log, clock, random }: Surroundings): Promise<AuthSource> => {
  const [{ remoteFeed }, { remoteKeys }, { remoteValidate }] = await Promise.all([
    import('@gatehouse/event-feed/remote-feed.ts'),
    import('@gatehouse/access-tokens/remote-keys.ts'),
    import('@gatehouse/access-tokens/remote-validate.ts'),
  ])
  const urls = settings.AUTH_SERVICE_URL
  // Settings without it do not start: see `combinations` in settings.ts.
  const feed = remoteFeed({ urls, secret: settings.INTERNAL_SECRET ?? '', clock, log, random })
  life.started('remote event feed', feed.close)
  const keys = remoteKeys({ urls, clock, log })
  life.started('remote keys', keys.stop)
  let hasKeys = false
  void keys.start().then(() => {
    hasKeys = true
  })
  readiness.check('signing keys', () => (hasKeys ? undefined : 'auth-service has not told its public keys yet'))
  const { ask, close } = remoteValidate({ urls })
  life.started('remote validation', close)
  const { TOKEN_ISSUER: issuer, TOKEN_AUDIENCE: audience } = settings
  const reader = tokenReader({ keys, issuer, audience, clock, cacheMax: limits.tokensRemembered })
  return { feed, reader, ask }
}
