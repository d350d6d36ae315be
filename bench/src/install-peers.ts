import { spawnSync } from 'node:child_process'
import { statSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { peersFolder } from './peers-folder.ts'

/** Installs the packages of `peers/`, which only who measures needs: their lock file lies beside the workspaces. */
export const installPeers = (): void => {
  // npm writes the first when it has installed what the second says.
  const [installed, wanted] = ['node_modules/.package-lock.json', 'package-lock.json'].map(changedAtMs)
  if (installed !== undefined && wanted !== undefined && installed >= wanted) return
  process.stderr.write('bench: installing the packages of bench/peers\n')
  const { status } = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: peersFolder,
    stdio: ['ignore', process.stderr.fd, process.stderr.fd],
    env: { ...process.env, PATH: `${dirname(process.execPath)}${delimiter}${process.env['PATH'] ?? ''}` },
  })
  if (status !== 0) throw new Error('the packages of bench/peers cannot be installed: npm says why above')
}

const changedAtMs = (path: string): number | undefined =>
  statSync(join(peersFolder, path), { throwIfNoEntry: false })?.mtimeMs
