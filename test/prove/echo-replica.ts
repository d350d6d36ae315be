/**
 * A replica of a service that can be killed: says what it was asked, with the canary that came along, in one write. As
 * a `hostile` one every second answer breaks the rules of HTTP, each time in another way.
 */
import { createServer as createHttpServer } from 'node:http'
import { createServer, type Socket } from 'node:net'
import { hostileUpstreams } from '@gatehouse/api-gateway/hostile-upstreams.ts'

const [port = '0', kind] = process.argv.slice(2)

const echo = createHttpServer((req, res) => {
  let body = ''
  req.setEncoding('latin1')
  req.on('data', (chunk: string) => (body += chunk))
  req.on('end', () => {
    const canary = String(req.headers['x-canary'])
    const answer = `${req.method} ${req.url} ${canary} ${body}`
    res.writeHead(200, { 'x-canary': canary, 'content-length': answer.length }).end(answer)
  })
})

let requests = 0

const hostile = createServer((socket: Socket) => {
  socket.on('error', () => {})
  socket.on('data', () => {
    requests += 1
    const row = hostileUpstreams[(requests / 2) % hostileUpstreams.length]
    if (row === undefined || row.atLast === 'repeat') {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
      return
    }
    for (const bytes of row.says) socket.write(bytes, 'latin1')
    if (row.atLast === 'end') socket.end()
    if (row.atLast === 'reset') socket.resetAndDestroy()
  })
})

;(kind === 'hostile' ? hostile : echo).listen(Number(port), '127.0.0.1', () => process.stdout.write('listening\n'))
