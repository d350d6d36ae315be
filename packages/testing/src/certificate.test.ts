import assert from 'node:assert/strict'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import { issueCertificate } from './certificate.ts'

test('a certificate of the tests is one that Node reads: names, times, key and signature', () => {
  const { cert, key } = issueCertificate({
    names: ['gate.test', 'other.test'],
    notBefore: new Date('2024-01-02T03:04:05Z'),
    notAfter: new Date('2031-12-31T23:59:59Z'),
  })
  const read = new X509Certificate(cert)
  assert.equal(read.subject, 'CN=gate.test')
  assert.equal(read.subjectAltName, 'DNS:gate.test, DNS:other.test')
  assert.equal(read.validFromDate.toISOString(), '2024-01-02T03:04:05.000Z')
  assert.equal(read.validToDate.toISOString(), '2031-12-31T23:59:59.000Z')
  assert.ok(read.checkPrivateKey(createPrivateKey(key)))
  assert.ok(read.verify(read.publicKey))
  assert.equal(read.checkHost('other.test'), 'other.test')
})
