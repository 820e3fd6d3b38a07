import type { EventLog } from '#shared/log/event-log.ts';
import type { BeginControl } from '#shared/market/control.ts';
import type { Measure } from '#shared/market/measure.ts';
import type { Tick } from '#shared/market/tick.ts';
import type { Clock } from '#shared/runtime/clock.ts';
import type { RunningService } from '#shared/runtime/lifecycle.ts';
import type { Logger } from '#shared/runtime/logger.ts';
import type { Metrics } from '#shared/runtime/metrics.ts';
import { placeBegin } from './begin-records.ts';
import type { IngestLimits } from './config.ts';
import { Door, type DoorLimits } from './door.ts';
import { ingestCounts } from './ingest-counts.ts';
import { ingestBatch } from './pipeline.ts';
import { lastRejectOn } from './reject-record.ts';
import { lastTickOn } from './sources/feed-position.ts';
import type { SourceDescription, SourceRow, TickSource } from './sources/source.ts';

/**
 * Pacing `wait`: the source holds at every boundary. The row with seq = id x everyTicks is the last one before boundary
 * `id`; after a restart every boundary is awaited again. For finite sources, whose rows have the same numbers in every reading.
 */
export interface Pacing {
  readonly everyTicks: number;
  boundary(id: number): Promise<void>;
}

export interface IngestPorts {
  readonly log: EventLog;
  readonly source: TickSource;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly pacing?: Pacing;
}

export interface IngestOptions {
  readonly badRows: 'fail' | 'reject';
  readonly measure: Measure;
  /** None where absent: what is played again has been let in before. */
  readonly limits?: IngestLimits;
  /** What the composition adds to what the source knows of the first record. */
  readonly begin?: Omit<BeginControl, 'kind'>;
}

export interface RunningIngest extends RunningService {
  /** Rows that are on the log or were refused, repeats after a restart included. */
  rowCount(): number;
}

/**
 * Brings the rows of a source to the log, each once. `done` resolves at the end of a finite source.
 *
 * @throws what `open` of the source throws, BeginChangedError `INGEST_BEGIN_CHANGED`; `done` rejects with
 * SourceChangedError `INGEST_SOURCE_CHANGED`, and InvalidRowError `ROW_INVALID` where bad rows are to fail
 */
export async function startIngest(
  ports: IngestPorts,
  options: IngestOptions,
): Promise<RunningIngest> {
  const { log, source, logger } = ports;
  const description = await source.open();
  await placeBegin(log, { kind: 'begin', ...description.begin, ...options.begin });
  const door = new Door({
    measure: options.measure,
    badRows: options.badRows,
    placed: await lastTicks(log),
    placedReject: await lastRejectOn(log),
    limits: options.limits === undefined ? null : limitsBy(ports.clock, options.limits),
  });
  logger.info('ingest started', startFields(description));
  const ingest = new Ingest(ports, door);
  const done = ingest.run().finally(() => source.close());
  // Who awaits `done` hears of a failure; nobody has to.
  done.catch(() => {});
  return {
    name: 'ingest',
    isReady: () => ingest.rowCount > 0,
    rowCount: () => ingest.rowCount,
    done,
    stop: async () => {
      ingest.stop();
      await source.close();
      // `done` itself tells whoever watches it.
      await done.catch(() => {});
    },
  };
}

class Ingest {
  rowCount = 0;
  readonly #ports: IngestPorts;
  readonly #door: Door;
  readonly #counts: ReturnType<typeof ingestCounts>;
  readonly #stopped = Promise.withResolvers<void>();
  #isStopping = false;

  constructor(ports: IngestPorts, door: Door) {
    this.#ports = ports;
    this.#door = door;
    this.#counts = ingestCounts(ports.metrics);
  }

  stop(): void {
    this.#isStopping = true;
    this.#stopped.resolve();
  }

  async run(): Promise<void> {
    const { log, source, logger, pacing } = this.#ports;
    for await (const batch of source.rows()) {
      for (const rows of pacing === undefined ? [batch] : cutAtBoundaries(batch, pacing)) {
        if (this.#isStopping) break;
        this.#counts.add(await ingestBatch(rows, this.#door, log), this.#door.symbolCount);
        this.rowCount += rows.length;
        await this.#holdAt(rows[rows.length - 1].seq);
      }
      if (this.#isStopping) break;
    }
    logger.info('ingest ended', { rowCount: this.rowCount, rejects: this.#counts.rejects() });
  }

  async #holdAt(seq: bigint): Promise<void> {
    const { pacing } = this.#ports;
    if (pacing === undefined || !isBoundary(seq, pacing)) return;
    const id = Number(seq / BigInt(pacing.everyTicks));
    // A trainer that was stopped first never answers.
    await Promise.race([pacing.boundary(id), this.#stopped.promise]);
  }
}

function isBoundary(seq: bigint, { everyTicks }: Pacing): boolean {
  return seq % BigInt(everyTicks) === 0n;
}

/** Slices of which only the last row of each may be the last before a boundary. */
function cutAtBoundaries(batch: readonly SourceRow[], pacing: Pacing): SourceRow[][] {
  const slices: SourceRow[][] = [];
  let slice: SourceRow[] = [];
  for (const row of batch) {
    slice.push(row);
    if (!isBoundary(row.seq, pacing)) continue;
    slices.push(slice);
    slice = [];
  }
  if (slice.length > 0) slices.push(slice);
  return slices;
}

function limitsBy(clock: Clock, { maxAheadMs, maxSymbols }: IngestLimits): DoorLimits {
  const latestTimeNs = () => BigInt(Math.round(clock.nowMs() + maxAheadMs)) * 1_000_000n;
  return { latestTimeNs, maxSymbols };
}

function lastTicks(log: EventLog): Promise<(Tick | null)[]> {
  const partitions = Array.from({ length: log.partitionCount }, (_, partition) => partition);
  return Promise.all(partitions.map((partition) => lastTickOn(log, partition)));
}

function startFields({ feed, rowCount }: SourceDescription): Record<string, unknown> {
  return { feed, ...(rowCount === undefined ? {} : { rowCount }) };
}
