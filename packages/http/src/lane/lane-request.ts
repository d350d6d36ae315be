import type { Socket } from 'node:net'
import type { Asked } from '../listener.ts'
import type { RequestHead } from './request-head.ts'

/** A request that was read in the fast lane: there is nothing more of it to come. */
export class LaneRequest implements Asked {
  readonly method: string
  readonly url: string
  readonly rawHeaders: readonly string[]
  readonly isRepeated: boolean
  readonly socket: Socket
  readonly wholeBody: string | undefined

  constructor({ method, target, rawHeaders, isRepeated }: RequestHead, wholeBody: string | undefined, socket: Socket) {
    this.method = method
    this.url = target
    this.rawHeaders = rawHeaders
    this.isRepeated = isRepeated
    this.socket = socket
    this.wholeBody = wholeBody
  }

  get httpVersion(): string {
    return '1.1'
  }

  /** Without an expectation: with one it would not be here. */
  get headers(): Asked['headers'] {
    return noExpectation
  }

  get complete(): boolean {
    return true
  }

  get destroyed(): boolean {
    return this.socket.destroyed
  }

  get readableFlowing(): null {
    return null
  }

  get readableLength(): number {
    return 0
  }
}

const noExpectation: Asked['headers'] = {}
