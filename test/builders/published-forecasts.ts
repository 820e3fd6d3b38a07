import { entriesOf } from '#services/replay/merged-forecasts.ts';
import { writeForecasts } from '#services/replay/replay-output.ts';
import { decodeForecastPack } from '#shared/forecast/forecast-record.ts';
import type { EventLog } from '#shared/log/event-log.ts';
import { Heard } from './heard.ts';

/** What is published on `forecasts`, as it comes: every entry with how often it was written. */
export class PublishedForecasts {
  /** Per partition: `src` of each entry, in the order of the log, repeats included. */
  readonly srcs: readonly bigint[][];
  readonly #highest: bigint[];
  readonly #log: EventLog;
  readonly #news = new Heard<string>();
  #ended: Promise<never> = Promise.race([]);

  private constructor(log: EventLog) {
    this.#log = log;
    this.srcs = Array.from({ length: log.partitionCount }, () => []);
    this.#highest = this.srcs.map(() => -1n);
  }

  static async of(log: EventLog): Promise<PublishedForecasts> {
    const published = new PublishedForecasts(log);
    const reading = await log.follow({
      topic: 'forecasts',
      startAt: () => 0n,
      onBatch: async ({ partition, records }) => {
        for (const { value } of records) {
          for (const { src } of decodeForecastPack(value).entries) {
            published.srcs[partition].push(src);
            if (src > published.#highest[partition]) published.#highest[partition] = src;
          }
        }
        published.#news.push(published.#standing());
      },
    });
    published.#ended = reading.done.then(() => {
      throw new Error('forecasts are no longer followed');
    });
    // It ends with its log, when nobody waits any more.
    published.#ended.catch(() => undefined);
    return published;
  }

  /** Entries that were written again, as the protocol allows. */
  get repeatCount(): number {
    return this.srcs.reduce((sum, srcs) => sum + srcs.length - new Set(srcs).size, 0);
  }

  /** Resolves once every partition has reached its `src`; null where it has none. */
  async until(lasts: readonly (bigint | null)[], deadlineMs: number): Promise<void> {
    const isThere = (last: bigint | null, partition: number): boolean =>
      last === null || this.#highest[partition] >= last;
    const what = `forecasts up to ${lasts.join(', ')}`;
    const there = this.#news.until(() => lasts.every(isThere), what, deadlineMs);
    await Promise.race([there, this.#ended]);
  }

  /** Each forecast once. @throws ReplayFailedError `REPLAY_FAILED` where one is missing in its chain */
  async digest(): Promise<{ readonly digest: string; readonly forecastCount: number }> {
    const layout = { shape: 'wide', columns: 'point', horizons: [], levels: [] } as const;
    return writeForecasts(this.#log, null, layout);
  }

  #standing(): string {
    return this.srcs.map((srcs) => srcs.at(-1) ?? '-').join(' ');
  }
}

/** Per partition, `src` of each forecast of a log, rising. @throws ReplayFailedError `REPLAY_FAILED` where one is missing */
export function srcsOfAll(log: EventLog): Promise<bigint[][]> {
  return Promise.all(Array.from({ length: log.partitionCount }, (_, p) => srcsOf(log, p)));
}

async function srcsOf(log: EventLog, partition: number): Promise<bigint[]> {
  const srcs: bigint[] = [];
  for await (const { src } of entriesOf(log, partition)) srcs.push(src);
  return srcs;
}
