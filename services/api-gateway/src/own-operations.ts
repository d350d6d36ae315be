import { authOperations } from '@gatehouse/contract/auth.ts'
import { gatewayOperations } from '@gatehouse/contract/gateway.ts'
import { answerJson } from './answer.ts'
import { healthOf } from './health.ts'
import type { Ports } from './ports.ts'
import type { Route } from './routes.ts'

/** Where the gateway's own OpenAPI document can be read. */
const openapiPath = '/openapi.json'

/** What the gateway answers itself, by exact path. */
export const ownOperations = (ports: Pick<Ports, 'upstreams' | 'clock' | 'openapi'>): ReadonlyMap<string, Route> => {
  const health = healthOf(ports)
  const auth = ports.upstreams['auth-service']
  const rows: Readonly<Record<string, Route['serve']>> = {
    [gatewayOperations.health.path]: (exchange) => {
      const body = health()
      return typeof body === 'string' ? answerJson(exchange, body) : body.then((text) => answerJson(exchange, text))
    },
    [gatewayOperations.jwks.path]: (exchange) =>
      auth.forward(exchange.req, exchange.res, {
        target: authOperations.jwks.path,
        clientFields: exchange.clientFields,
        headers: exchange.headers,
        framing: exchange.message.framing,
        wholeBodyBytes: 0,
        firstBodyBytes: 0,
        answerHeaders: exchange.answerHeaders,
        saysCors: exchange.route.cors !== undefined,
        journey: exchange,
        webSocket: undefined,
      }),
    [openapiPath]: (exchange) => answerJson(exchange, ports.openapi),
  }
  return new Map(
    Object.entries(rows).map(([path, serve]) => [
      path,
      { name: path, access: 'public', methods: ['GET', 'HEAD'], serve },
    ]),
  )
}
