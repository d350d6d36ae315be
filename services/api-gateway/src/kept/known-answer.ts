import type { WrittenFields } from '@gatehouse/http/lane/written-fields.ts'

/**
 * The head of an answer that came before on its connection, byte for byte: what was read of it, and what follows from
 * that.
 */
export type KnownAnswer = {
  /** Status line and fields, with their lines' ends. */
  readonly text: string
  readonly status: number
  /** Flat. The same array each time. */
  readonly rawHeaders: string[]
  readonly length: string | undefined
  readonly coding: string | undefined
  /** HTTP/1.0. */
  readonly isOld: boolean
  /** What the `Connection` fields say, before the framing is looked at. */
  readonly persists: boolean
  readonly idleSecondsMax: number
  /** By "answer-head.ts": the fields that go on, where the gateway adds the fields of these names. */
  goingOn: GoingOn | undefined
}

/** The fields of an upstream's answer that go on, written out. */
export type GoingOn = {
  readonly fields: WrittenFields
  /** Names and values, of which the names count. */
  readonly beside: readonly string[]
  readonly saysCors: boolean
}
