// A service behind Gatehouse, in full: it trusts `x-user-id`, because only the gateway can reach it and only the gateway sets it.
import { createServer } from 'node:http'

const server = createServer((req, res) => {
  res.end(`${req.url} for user ${req.headers['x-user-id']}\n`)
})
// Loopback: whoever could reach this port past the gateway could be anybody.
server.listen(process.env['PORT'] ?? 3000, '127.0.0.1')
