import type { Upstream, UpstreamState } from '@gatehouse/api-gateway/ports.ts'
import type { Labelled } from '@gatehouse/observe/exposition.ts'
import type { Metrics } from '@gatehouse/observe/metrics.ts'

/** An upstream by the name of its route: a bounded set, so that it can be a label. */
export type NamedUpstream = readonly [route: string, upstream: Upstream]

/**
 * Tells of the upstreams that are in force when it is asked: nothing is counted twice, and a request pays nothing for
 * it. Those in this process have no network between, and are not told of.
 */
export const measureUpstreams = (
  metrics: Pick<Metrics, 'gauges' | 'counters'>,
  inForce: () => readonly NamedUpstream[],
) => {
  const each = (value: (state: UpstreamState) => number) => (): readonly Labelled[] =>
    inForce().flatMap(([route, upstream]): readonly Labelled[] => {
      const state = upstream.state()
      return state.origins.length === 0 ? [] : [[route, value(state)]]
    })
  const outOfChoice = ({ origins }: UpstreamState): number => origins.filter(({ state }) => state !== 'in-use').length

  metrics.gauges(
    'upstream_requests_in_flight',
    'Requests under way to the service behind a route.',
    'route',
    each(({ underWay }) => underWay),
  )
  metrics.counters(
    'upstream_failures_total',
    'Requests to an origin that failed, whether or not another one answered.',
    'route',
    each(({ failures }) => failures),
  )
  metrics.gauges(
    'upstream_origins',
    'Replicas behind a route.',
    'route',
    each(({ origins }) => origins.length),
  )
  metrics.gauges('upstream_origins_out', 'Replicas that are ejected, or whose checks fail.', 'route', each(outOfChoice))
  metrics.gauges(
    'upstream_circuit_open',
    '1 while a service fails so often that it is left alone.',
    'route',
    each(({ circuit }) => (circuit === 'open' ? 1 : 0)),
  )
}
