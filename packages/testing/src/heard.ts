import { once } from 'node:events'
import type { Socket } from 'node:net'

/** All that is heard on a connection from now to its end, as Latin-1. */
export const heard = async (socket: Socket): Promise<string> => {
  let text = ''
  socket.setEncoding('latin1').on('data', (chunk: string) => (text += chunk))
  await once(socket, 'close')
  return text
}
