import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '@gatehouse/testing/free-port.ts'
import { spawnProcess } from '@gatehouse/testing/processes.ts'
import type { Contender } from './contender.ts'
import { peersFolder } from './peers-folder.ts'
import { programOf } from './program-of.ts'

/** Starts nginx with a file of `peers/`: as a plain proxy, or as the service behind all contenders. */
export const startNginx = async (role: 'proxy' | 'upstream', upstreamPort = 0): Promise<Contender> => {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-nginx-'))
  const port = await freePort()
  const template = await readFile(join(peersFolder, `nginx-${role}.conf`), 'utf8')
  const filled = template
    .replaceAll('FOLDER', folder)
    .replaceAll('UPSTREAM_PORT', String(upstreamPort))
    .replaceAll('PORT', String(port))
  const path = join(folder, 'nginx.conf')
  await writeFile(path, filled)
  const nginx = spawnProcess(programOf('nginx'), ['-p', folder, '-c', path], { folder })
  await nginx.waitForUrl(`http://127.0.0.1:${port}/`)
  return {
    name: 'nginx',
    port,
    processes: { nginx: nginx.pid },
    stop: async () => {
      await nginx.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
