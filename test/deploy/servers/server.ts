/** A real server of this machine that stands in for one of AWS's. */
export interface Server {
  /** Ends it, and what it held. */
  stop(): Promise<void>;
}
