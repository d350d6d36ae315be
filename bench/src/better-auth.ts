import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { freePort } from '@gatehouse/testing/free-port.ts'
import { startMysql } from '@gatehouse/testing/mysql.ts'
import { spawnNode } from '@gatehouse/testing/processes.ts'
import { prepareBetterAuth } from './better-auth-requests.ts'
import { installPeers } from './install-peers.ts'
import { peersFolder } from './peers-folder.ts'
import type { AccountSystem } from './system.ts'

/**
 * Starts better-auth as one process of plain `node:http`, on a MariaDB of its own. Its cookie cache is off, as by
 * default, its limit on requests is off, and its passwords are hashed as it does: with scrypt.
 */
export const startBetterAuth = async (): Promise<AccountSystem> => {
  installPeers()
  await using ending = new AsyncDisposableStack()
  const mysql = await startMysql()
  ending.defer(mysql.stop)
  const database = await mysql.createDatabase('better_auth')
  const port = await freePort()
  const [origin, secret] = [`http://127.0.0.1:${port}`, randomBytes(32).toString('hex')]
  const env = { PORT: String(port), ORIGIN: origin, SECRET: secret, DATABASE_URL: database, NODE_ENV: 'production' }
  const node = spawnNode([join(peersFolder, 'better-auth.mjs')], env)
  ending.defer(async () => void (await node.stop()))
  await node.waitForUrl(`${origin}/api/auth/ok`, { status: 200 })
  const everything = ending.move()
  return {
    name: 'better-auth',
    port,
    processes: { 'better-auth': node.pid, mariadb: mysql.pid() },
    prepare: prepareBetterAuth({ origin, secret, execute: (sql) => mysql.execute(sql) }),
    stop: () => everything.disposeAsync(),
  }
}
