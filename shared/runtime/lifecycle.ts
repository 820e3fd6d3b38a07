/** A started service. `service.ts` of each service returns one; only `main.ts` decides what to do with it. */
export interface RunningService {
  readonly name: string;
  /** True once it does its work: /readyz answers 200 when every service of the process is ready. */
  isReady(): boolean;
  /** Resolves when all is ended: after `stop`, or by itself where the work is finite. Rejects when the service failed. */
  readonly done: Promise<void>;
  /** Drains and ends; idempotent. */
  stop(): Promise<void>;
}
