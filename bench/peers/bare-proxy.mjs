// Two sockets, bytes passed on unread: the least that a proxy in Node can do, and what the gate measures us against.
import { connect, createServer } from 'node:net'

const { hostname, port } = new URL(process.env.UPSTREAM)
const pass = (from, to) => {
  from.setNoDelay(true)
  from.on('data', (bytes) => to.write(bytes))
  from.on('error', () => to.destroy())
  from.on('close', () => to.destroy())
}

createServer((client) => {
  const upstream = connect(Number(port), hostname)
  pass(client, upstream)
  pass(upstream, client)
}).listen(Number(process.env.PORT), '127.0.0.1')
