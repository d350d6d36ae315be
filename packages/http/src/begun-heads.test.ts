import assert from 'node:assert/strict'
import { once } from 'node:events'
import { PassThrough, type Duplex } from 'node:stream'
import { test } from 'node:test'
import { waitFor } from '@gatehouse/testing/wait-for.ts'
import { begunHeads } from './begun-heads.ts'

test('of heads that have begun, those are told of that are neither whole nor gone in their time, once', async () => {
  const told: Duplex[] = []
  const heads = begunHeads((socket) => told.push(socket))
  const [whole, gone, late, last] = [new PassThrough(), new PassThrough(), new PassThrough(), new PassThrough()]
  const all: readonly Duplex[] = [whole, gone, late, last]
  for (const socket of [whole, gone, late]) heads.begun(socket, 20)
  heads.whole(whole)
  gone.destroy()
  await once(gone, 'close')
  await waitFor(() => told.length > 0, { what: 'the late one' })
  heads.begun(last, 20)
  await waitFor(() => told.includes(last), { what: 'the last one' })
  assert.deepEqual(
    told.map((socket) => all.indexOf(socket)),
    [2, 3],
  )
})
