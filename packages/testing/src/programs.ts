import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

// Servers live where an ordinary user's PATH does not look.
const serverFolders = [
  '/usr/sbin',
  '/usr/local/sbin',
  '/usr/libexec',
  '/usr/bin',
  '/usr/local/bin',
  '/opt/homebrew/bin',
]

/** The path of the first of these programs that this machine has. */
export const findProgram = (...names: readonly string[]): string | undefined => {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...serverFolders]
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable)
}

const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

// One installer at a time; whoever waited looks again first. The policy file is Debian's own way to install a server
// without starting it (invoke-rc.d asks it); a machine that has one already keeps its own.
const installScript = `
set -eu
command -v "$2" >/dev/null 2>&1 && exit 0
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  printf '#!/bin/sh\\nexit 101\\n' >"$policy"
  chmod 755 "$policy"
fi
export DEBIAN_FRONTEND=noninteractive
install() { apt-get -q -y -o DPkg::Lock::Timeout=300 install --no-install-recommends "$1" >&2; }
install "$1" || { apt-get -q update >&2; install "$1"; }
if [ -d /run/systemd/system ]; then systemctl disable --quiet "$2" >&2 || true; fi
`

/**
 * Finds a server program, or installs its Debian package when we are root and have apt-get. No service is left
 * running. Undefined when neither is possible.
 */
export const findOrInstall = (names: readonly string[], debianPackage: string): string | undefined => {
  const found = findProgram(...names)
  if (found !== undefined) return found
  if (process.getuid?.() !== 0 || findProgram('apt-get') === undefined || findProgram('flock') === undefined)
    return undefined
  const [program = ''] = names
  process.stderr.write(`tests: ${program} is missing; installing the package ${debianPackage}\n`)
  const lock = '/run/gatehouse-tests-install.lock'
  spawnSync('flock', [lock, '/bin/sh', '-c', installScript, 'install', debianPackage, program], {
    stdio: ['ignore', process.stderr.fd, process.stderr.fd],
  })
  return findProgram(...names)
}
