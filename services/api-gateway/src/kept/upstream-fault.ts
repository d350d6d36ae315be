/** An upstream's answer that cannot be read in one way only, or that broke off. Told to the log, never to the client. */
export class UpstreamFault extends Error {}
