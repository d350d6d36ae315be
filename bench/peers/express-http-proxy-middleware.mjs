// http-proxy-middleware on express as its README has it, and with connections to the upstream that are kept, which it
// does not do by itself. Nothing is logged or checked.
import { Agent } from 'node:http'
import express from 'express'
import { createProxyMiddleware } from 'http-proxy-middleware'

const app = express()
app.use(createProxyMiddleware({ target: process.env.UPSTREAM, agent: new Agent({ keepAlive: true }) }))
app.listen(Number(process.env.PORT), '127.0.0.1')
