import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Refusal } from '@gatehouse/contract/refusals.ts'
import type { Route } from '../routes.ts'
import { exchangeFor } from '../testing.ts'
import { findTheRoute } from './find-the-route.ts'

const route: Route = { name: '/health', access: 'public', serve: () => undefined }

const find = findTheRoute((path) => (path === '/health' ? route : undefined))

const asked = (path: string) => Object.assign(exchangeFor(), { path })

test('the route that is found is written down', () => {
  const exchange = asked('/health')
  find(exchange)
  assert.equal(exchange.route, route)
})

test('a path that no route has is refused, and the exchange stays nowhere', () => {
  const exchange = asked('/nowhere')
  assert.throws(
    () => find(exchange),
    (error) => error instanceof Refusal && error.code === 'service-not-found',
  )
  assert.equal(exchange.route.name, 'none')
})
