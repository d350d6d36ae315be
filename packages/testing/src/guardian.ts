import { spawn } from 'node:child_process'
import { Socket } from 'node:net'

/** Ends a process when ours is gone. `dismiss` when the process has ended by itself. */
export type Guardian = { readonly dismiss: () => void }

// The pipe closes when this process ends, however it ends: `kill -9` runs no exit handler, a closed pipe needs none.
// A server may take a moment to die, and writes into its folder until then.
const script = `
trap '' INT TERM HUP
read -r word
if [ "$word" != dismissed ]; then
  kill -9 "$1" 2>/dev/null
  for turn in 1 2 3 4 5 6 7 8 9 10; do
    [ -n "$2" ] && [ -e "$2" ] || break
    sleep 0.1
    rm -rf -- "$2"
  done
fi
`

/** Sees to it that `pid` does not outlive this process, and removes its folder after it. */
export const guard = (pid: number, folder = ''): Guardian => {
  const shell = spawn('/bin/sh', ['-c', script, 'guardian', String(pid), folder], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  })
  shell.unref()
  const { stdin } = shell
  stdin.on('error', () => {})
  // A pipe to a child is a socket, which its type does not say: it alone must not keep this process alive.
  if (stdin instanceof Socket) stdin.unref()
  return { dismiss: () => stdin.end('dismissed\n') }
}
