import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Refusal } from '@gatehouse/contract/refusals.ts'
import type { Route } from '../routes.ts'
import { exchangeFor } from '../testing.ts'
import { checkTheMethod } from './check-the-method.ts'

const route: Route = { name: '/health', access: 'public', serve: () => undefined }

const asked = (method: string, methods?: readonly string[]) =>
  Object.assign(exchangeFor({ method }), { route: methods === undefined ? route : { ...route, methods } })

test('a route that names no methods takes them all', () => checkTheMethod(asked('PROPFIND')))

test('a method that the route has is let through', () => checkTheMethod(asked('HEAD', ['GET', 'HEAD'])))

test('a method that the route does not have is refused with those that it has', () => {
  assert.throws(
    () => checkTheMethod(asked('POST', ['GET', 'HEAD'])),
    (error) =>
      error instanceof Refusal &&
      error.code === 'method-not-allowed' &&
      error.particulars.headers?.['allow'] === 'GET, HEAD',
  )
})
