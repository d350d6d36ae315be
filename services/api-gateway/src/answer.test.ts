import { connect } from 'node:net'
import { test } from 'node:test'
import { waitFor } from '@gatehouse/testing/wait-for.ts'
import { breakOff } from './answer.ts'
import { get, startServer } from './testing.ts'

const openSockets = (): number => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length

for (const [what, ended] of [
  ['whose end is on its way', true],
  ['that is open', false],
] as const) {
  test(`breaking off on a connection ${what} leaves no socket behind`, async () => {
    const before = openSockets()
    await using server = await startServer((_req, res) => {
      res.write('begun')
      if (ended) res.socket?.end()
      breakOff(res)
    })
    const client = connect(server.port, '127.0.0.1').on('error', () => {})
    client.write(get('/x'))
    client.resume()
    await new Promise((resolve) => client.once('close', resolve))
    await waitFor(() => openSockets() === before, { what: 'both ends to be closed' })
  })
}
