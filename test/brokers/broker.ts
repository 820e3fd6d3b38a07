/** A server of the test's own, in a container or as a process: what can be done to it. */
export interface Broker {
  /** Ends it at once, as a crash would. Nothing where it is down already. */
  readonly kill: () => Promise<void>;
  /** On the files that are there; resolves once it answers. */
  readonly start: () => Promise<void>;
  /** Stands still and keeps its connections, as a machine that is too busy. */
  readonly pause: () => Promise<void>;
  readonly resume: () => Promise<void>;
  /** With all of its files. */
  readonly remove: () => Promise<void>;
}

export interface KafkaBroker extends Broker {
  /** `host:port` */
  readonly address: string;
}

export interface RedisBroker extends Broker {
  readonly port: number;
  readonly url: string;
  /** Its files on this machine: the append-only file in `appendonlydir`. */
  readonly folder: string;
}
