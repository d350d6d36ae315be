import { join } from 'node:path'
import { freePort } from '@gatehouse/testing/free-port.ts'
import { spawnNode } from '@gatehouse/testing/processes.ts'
import type { Contender } from './contender.ts'
import { installPeers } from './install-peers.ts'
import { peersFolder } from './peers-folder.ts'

/** The proxies in Node that are measured beside us: a script of `peers/` each. */
export type NodePeer = 'fastify-http-proxy' | 'express-http-proxy-middleware'

/** Starts one of them before the upstream, on this Node as it comes, without flags. */
export const startNodePeer = async (name: NodePeer, upstreamPort: number): Promise<Contender> => {
  installPeers()
  const port = await freePort()
  const env = { PORT: String(port), UPSTREAM: `http://127.0.0.1:${upstreamPort}`, NODE_ENV: 'production' }
  const peer = spawnNode([join(peersFolder, `${name}.mjs`)], env)
  await peer.waitForUrl(`http://127.0.0.1:${port}/`)
  return { name, port, processes: { node: peer.pid }, stop: async () => void (await peer.stop()) }
}
