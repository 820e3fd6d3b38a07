/** Where a record sits. `run` names one life of the log, so that a stale offset is recognised, not misread. */
export interface Position {
  readonly run: string;
  readonly partition: number;
  readonly offset: bigint;
}
