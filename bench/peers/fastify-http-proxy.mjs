// @fastify/http-proxy as its README has it, on an upstream and a port of the environment. Nothing is logged or checked.
import proxy from '@fastify/http-proxy'
import fastify from 'fastify'

const server = fastify()
await server.register(proxy, { upstream: process.env.UPSTREAM })
await server.listen({ host: '127.0.0.1', port: Number(process.env.PORT) })
