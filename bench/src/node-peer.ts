import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, delimiter, join } from 'node:path'
import { freePort } from '@gatehouse/testing/free-port.ts'
import { spawnNode } from '@gatehouse/testing/processes.ts'
import type { Contender } from './contender.ts'
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

/** Only who measures needs their packages: they have a lock file of their own, beside the workspaces. */
const installPeers = (): void => {
  if (existsSync(join(peersFolder, 'node_modules/.package-lock.json'))) return
  process.stderr.write('bench: installing the packages of bench/peers\n')
  const { status } = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: peersFolder,
    stdio: ['ignore', process.stderr.fd, process.stderr.fd],
    env: { ...process.env, PATH: `${dirname(process.execPath)}${delimiter}${process.env['PATH'] ?? ''}` },
  })
  if (status !== 0) throw new Error('the packages of bench/peers cannot be installed: npm says why above')
}
