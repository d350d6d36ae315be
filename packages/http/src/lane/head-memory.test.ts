import assert from 'node:assert/strict'
import { test } from 'node:test'
import { headMemory } from './head-memory.ts'
import { requestHead, type RequestHead } from './request-head.ts'

const bytesOf = (token: string, target = '/'): Buffer =>
  Buffer.from(`GET ${target} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${token}\r\nX: y\r\n\r\n`)

const read = (...[bytes, last, memory]: Parameters<typeof requestHead>): RequestHead => {
  const head = requestHead(bytes, last, memory)
  assert.ok(head !== undefined)
  return head
}

test('what a caller brought on one connection is known on another, where others came in between', () => {
  const memory = headMemory()
  const first = read(bytesOf('first'), undefined, memory)
  const other = read(bytesOf('another'), undefined, memory)
  const again = read(bytesOf('first', '/b?c'), other, memory)
  assert.deepEqual([again.target, again.isRepeated, again.rawHeaders === first.rawHeaders], ['/b?c', true, true])
  assert.equal(read(bytesOf('another'), again, memory).rawHeaders, other.rawHeaders)
})

test('with any number of callers, each is read as if there were no other', () => {
  const memory = headMemory()
  let last: RequestHead | undefined
  let known = 0
  for (let at = 0; at < 20_000; at += 1) {
    // Many with one end, so that they share a place.
    const bytes = bytesOf(`${(at * 7_919) % 3_000}${at % 2 === 0 ? 'the-same-end' : at % 1_000}`)
    last = read(bytes, last, memory)
    known += Number(last.isRepeated)
    assert.deepEqual(last.rawHeaders, read(bytes).rawHeaders)
  }
  assert.ok(known > 100, `${known}`)
})

test('fields that differ in one byte anywhere are not taken for those that are known', () => {
  const memory = headMemory()
  const text = bytesOf('token').toString('latin1')
  const last = read(Buffer.from(text), undefined, memory)
  for (let at = 0; at < text.length; at += 1) {
    for (const sign of ['', '\0', '\r', '\n', ' ', ':', 'X', 'y', '\xff']) {
      for (const end of [at, at + 1]) {
        const bytes = Buffer.from(text.slice(0, at) + sign + text.slice(end), 'latin1')
        const alone = requestHead(bytes)
        const head = requestHead(bytes, last, memory)
        assert.deepEqual(
          [head?.method, head?.target, head?.rawHeaders],
          [alone?.method, alone?.target, alone?.rawHeaders],
        )
      }
    }
  }
})

test('who brings no credential is not kept', () => {
  const memory = headMemory()
  const bytes = Buffer.from('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  const head = read(bytes, undefined, memory)
  assert.equal(head.behindCredential, undefined)
  assert.equal(read(bytes, read(bytesOf('x'), undefined, memory), memory).isRepeated, false)
})

test('fields that are known from another method, or with a body of another length, are read again', () => {
  const memory = headMemory()
  const fields = 'Host: a\r\nAuthorization: Bearer token\r\nContent-Length: 5\r\n\r\n'
  const known = (bytes: string): boolean | undefined => {
    // Another caller was the last one on this connection.
    const other = `PUT / HTTP/1.1\r\n${fields.replace('token', 'other').replace('5', '0')}`
    const last = read(Buffer.from(other), undefined, memory)
    return requestHead(Buffer.from(bytes), last, memory)?.isRepeated
  }
  assert.equal(known(`POST / HTTP/1.1\r\n${fields}hello`), false)
  assert.equal(known(`PATCH / HTTP/1.1\r\n${fields}world`), true)
  for (const bytes of [
    `POST / HTTP/1.1\r\n${fields}hell`,
    `POST / HTTP/1.1\r\n${fields}hello!`,
    `GET / HTTP/1.1\r\n${fields}`,
  ]) {
    assert.equal(known(bytes), undefined, bytes)
  }
})
