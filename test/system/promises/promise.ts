import type { World } from '../world.ts'

/** A suite of tests, made for the world that will be there when they run. */
export type PromiseSuite = (world: () => World) => void
