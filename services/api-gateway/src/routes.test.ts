import assert from 'node:assert/strict'
import { test } from 'node:test'
import fastCheck from 'fast-check'
import { routeTable, type Route } from './routes.ts'

const route = (name: string): Route => ({ name, access: 'public', serve: () => undefined })

const tableOf = (...prefixes: readonly string[]) =>
  routeTable(
    new Map([['/health', route('own /health')]]),
    prefixes.map((prefix) => ({ ...route(prefix), prefix })),
  )

for (const [path, found] of [
  ['/auth', '/auth'],
  ['/auth/', '/auth'],
  ['/auth/login', '/auth'],
  ['/authors', undefined],
  ['/auth-2/x', undefined],
  ['/AUTH/login', undefined],
  ['/users/profile/picture', '/users'],
  ['/shop', '/shop'],
  ['/shop/cart', '/shop/cart'],
  ['/shop/cart/1', '/shop/cart'],
  ['/shop/carts', '/shop'],
  ['/health', 'own /health'],
  ['/health/x', undefined],
  ['/', undefined],
  ['*', undefined],
  ['/auth/events', undefined],
  ['/auth/events/', undefined],
  ['/auth/events/x', undefined],
  ['/auth/EVENTS', undefined],
  ['/auth/events;v=1', undefined],
  ['/auth/eventspace', '/auth'],
] as const) {
  test(`${path} belongs to ${found ?? 'nobody'}`, () => {
    assert.equal(tableOf('/auth', '/users', '/shop', '/shop/cart')(path)?.name, found)
  })
}

test('a route at the root takes what nobody else takes, and the feed is still not routed', () => {
  const find = tableOf('/', '/auth')
  assert.deepEqual(
    ['/', '/x/y', '/authors', '/auth/x', '/auth/events', '*'].map((path) => find(path)?.name),
    ['/', '/', '/', '/auth', undefined, undefined],
  )
})

for (const spelling of [
  '/Admin',
  '/ADMIN/users',
  '/admin;a=1',
  '/admin;a=1/users',
  '/;/admin',
  '/;a=1/admin',
  '/%3b/admin',
  '/admin%3Ba=1',
  '/admin%20',
  '/admin.',
  '/admin../users',
  '/shop/Cart',
  '/shop;a=1/cart',
  '/sh%28op%29/x',
]) {
  test(`${spelling} is nobody's, where only its spelling keeps it from a longer prefix`, () => {
    assert.equal(tableOf('/', '/admin', '/shop', '/shop/cart', '/sh(op)')(spelling), undefined)
  })
}

test('a spelling that leads to no longer prefix is left to the service', () => {
  const find = tableOf('/', '/admin', '/Admin', '/shop', '/shop/cart')
  for (const [path, found] of [
    ['/admin/A;b=1', '/admin'],
    ['/Admin/users', '/Admin'],
    ['/Docs;v=2/a%20b', '/'],
    ['/shop/Carts', '/shop'],
    ['/admin.html', '/'],
  ] as const) {
    assert.equal(find(path)?.name, found, path)
  }
  assert.equal(tableOf('/shop')('/shop/Cart;v=1')?.name, '/shop')
})

const segment = fastCheck.constantFrom('a', 'b', 'ab', 'a.b', 'auth', 'health')

const pathOf = (least: number) =>
  fastCheck.array(segment, { minLength: least, maxLength: 5 }).map((parts) => `/${parts.join('/')}`)

/** What the table must do, said without a table. */
const longestOf = (prefixes: readonly string[], path: string): string | undefined =>
  path === '/health'
    ? 'own /health'
    : prefixes
        .filter((prefix) => prefix === '/' || path === prefix || path.startsWith(`${prefix}/`))
        .reduce<string | undefined>(
          (longest, prefix) => (prefix.length > (longest?.length ?? 0) ? prefix : longest),
          undefined,
        )

test('for any table and any path, the longest prefix that ends at a segment wins', () => {
  const asked = fastCheck.tuple(pathOf(0), fastCheck.constantFrom('', '/', '//', '/c;b', '%2A'))
  fastCheck.assert(
    fastCheck.property(fastCheck.uniqueArray(pathOf(0), { maxLength: 8 }), asked, (prefixes, [path, rest]) => {
      const whole = path === '/' ? `/${rest.replace(/^\/+/, '')}` : path + rest
      assert.equal(tableOf(...prefixes)(whole)?.name, longestOf(prefixes, whole))
    }),
    { numRuns: 1_000 },
  )
})
