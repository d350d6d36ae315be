import { fileURLToPath } from 'node:url'

/** Where the scripts and configurations of what is measured beside us lie. */
export const peersFolder = fileURLToPath(new URL('../peers', import.meta.url))
