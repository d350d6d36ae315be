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
packages=$1 looks=$2 service=$3
sh -c "$looks" >/dev/null 2>&1 && exit 0
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  printf '#!/bin/sh\\nexit 101\\n' >"$policy"
  chmod 755 "$policy"
fi
export DEBIAN_FRONTEND=noninteractive
install() { apt-get -q -y -o DPkg::Lock::Timeout=300 install --no-install-recommends $packages >&2; }
install || { apt-get -q update >&2; install; }
if [ -d /run/systemd/system ] && [ -n "$service" ]; then systemctl disable --quiet "$service" >&2 || true; fi
`

/**
 * Finds a server program, or installs its Debian package when we are root and have apt-get. No service is left
 * running. Undefined when neither is possible.
 */
export const findOrInstall = (names: readonly string[], debianPackage: string): string | undefined => {
  const found = findProgram(...names)
  if (found !== undefined) return found
  const [program = ''] = names
  install({ packages: [debianPackage], looks: `command -v ${program}`, service: program })
  return findProgram(...names)
}

/** Tells whether a command succeeds, if need be after Debian packages were installed, as `findOrInstall` does it. */
export const succeedsOrInstall = (command: string, debianPackages: readonly string[]): boolean => {
  const succeeds = (): boolean => spawnSync('/bin/sh', ['-c', command], { stdio: 'ignore' }).status === 0
  if (succeeds()) return true
  install({ packages: debianPackages, looks: command, service: '' })
  return succeeds()
}

type Installation = { readonly packages: readonly string[]; readonly looks: string; readonly service: string }

const install = ({ packages, looks, service }: Installation): void => {
  if (process.getuid?.() !== 0 || findProgram('apt-get') === undefined || findProgram('flock') === undefined) return
  const names = packages.join(' ')
  process.stderr.write(`tests: ${looks} fails; installing ${names}\n`)
  const lock = '/run/gatehouse-tests-install.lock'
  spawnSync('flock', [lock, '/bin/sh', '-c', installScript, 'install', names, looks, service], {
    stdio: ['ignore', process.stderr.fd, process.stderr.fd],
  })
}
