import assert from 'node:assert/strict'
import { randomBytes, randomUUID } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { refreshTokens } from './refresh-tokens.ts'

const tokens = refreshTokens('a secret of thirty-two bytes ....', randomBytes)

test('a token names its session and is read again as it was made', () => {
  const sessionId = randomUUID()
  const token = tokens.make(sessionId)
  assert.match(token.text, /^ghr_[\w-]{86}$/)
  assert.match(token.hash, /^[\w-]{43}$/)
  assert.equal(token.sessionId, sessionId)
  assert.deepEqual(tokens.read(token.text), token)
})

test('no two tokens are the same, and neither tells its secret or its hash to who sees the other', () => {
  const sessionId = randomUUID()
  const [one, two] = [tokens.make(sessionId), tokens.make(sessionId)]
  assert.notEqual(one.text, two.text)
  assert.notEqual(one.hash, two.hash)
  assert.ok(!one.text.includes(one.hash))
})

test('a token with any letter changed, left out or added is not ours', () => {
  const { text } = tokens.make(randomUUID())
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  for (let at = 0; at < text.length; at += 1) {
    const [before, after] = [text.slice(0, at), text.slice(at + 1)]
    assert.equal(tokens.read(before + after), undefined)
    assert.equal(tokens.read(`${before}A${text.slice(at)}`), undefined)
    for (const letter of letters) {
      if (letter !== text[at]) assert.equal(tokens.read(before + letter + after), undefined)
    }
  }
})

test('nothing that a stranger writes is ours, not even with the right form', () => {
  const lookalike = fc.stringMatching(/^ghr_[\w-]{86}$/)
  fc.assert(
    fc.property(fc.oneof(lookalike, fc.string(), fc.string({ unit: 'grapheme' })), (text) => {
      assert.equal(tokens.read(text), undefined)
    }),
  )
  const { text } = tokens.make(randomUUID())
  for (const near of [`${text}\n`, ` ${text}`, text.toUpperCase(), text.replace('ghr_', 'ghd_'), `${text}=`, '']) {
    assert.equal(tokens.read(near), undefined)
  }
})

test('who knows a session’s id and some token, but not our secret, makes no token for it', () => {
  const sessionId = randomUUID()
  const id = Buffer.from(sessionId.replaceAll('-', ''), 'hex')
  const borrowed = Buffer.from(tokens.make(randomUUID()).text.slice(4), 'base64url')
  const forged = `ghr_${Buffer.concat([id, borrowed.subarray(16)]).toString('base64url')}`
  assert.equal(tokens.read(forged), undefined)
  const others = refreshTokens('another secret of thirty-two byte', randomBytes)
  assert.equal(tokens.read(others.make(sessionId).text), undefined)
})

test('a sealed successor opens for who holds its parent, and for nobody else', () => {
  const sessionId = randomUUID()
  const [parent, successor, sibling] = [tokens.make(sessionId), tokens.make(sessionId), tokens.make(sessionId)]
  const sealed = tokens.sealSuccessor(parent, successor)
  assert.equal(tokens.openSuccessor(parent, sealed), successor.text)
  assert.throws(() => tokens.openSuccessor(sibling, sealed))
  assert.throws(() => tokens.openSuccessor(successor, sealed))
  const changed = Buffer.from(sealed, 'base64url')
  changed.writeUInt8(changed.readUInt8(40) ^ 1, 40)
  assert.throws(() => tokens.openSuccessor(parent, changed.toString('base64url')))
})

test('what the database holds of a rotation fits its columns, and opens nothing', () => {
  const [parent, successor] = [tokens.make(randomUUID()), tokens.make(randomUUID())]
  const sealed = tokens.sealSuccessor(parent, successor)
  assert.ok(sealed.length <= 255)
  const row = { ...parent, text: parent.hash }
  assert.throws(() => tokens.openSuccessor(row, sealed))
})
