import { setTimeout as sleep } from 'node:timers/promises';
import type { RecordedTape } from '../recorded-tape.ts';
import type { BenchBrokers } from './bench-brokers.ts';
import { type ContenderName, PASS_THROUGHS } from './contender.ts';
import { ContenderProcess } from './contender-process.ts';
import { ForecastWatch } from './forecast-watch.ts';
import { TickWriter } from './tick-writer.ts';

const BEAT_MS = 10;
const SETTLE_MS = 2_000;
const NAMES = [...PASS_THROUGHS, 'lstm'] as const satisfies readonly ContenderName[];

export interface LatencyOptions {
  readonly rounds: number;
  readonly seconds: number;
  readonly ratesPerSecond: readonly number[];
}

export interface Latency {
  readonly ratePerSecond: number;
  readonly name: ContenderName;
  /** From the append of a tick to its answer at a reader of `forecasts`, one number a round. */
  readonly p50Ms: readonly number[];
  readonly p99Ms: readonly number[];
}

/** How long a tick takes to its forecast while ticks come at a steady rate, in turns. */
export async function measureLatency(
  brokers: BenchBrokers,
  tape: RecordedTape,
  { rounds, seconds, ratesPerSecond }: LatencyOptions,
  say: (line: string) => void,
): Promise<readonly Latency[]> {
  const paths: TimedPath[] = [];
  for (const name of NAMES) paths.push(await TimedPath.open(name, brokers, tape));
  const results = ratesPerSecond.flatMap((ratePerSecond) =>
    paths.map((path) => ({ path, ratePerSecond, p50Ms: [] as number[], p99Ms: [] as number[] })),
  );
  for (let round = 0; round < rounds; round += 1) {
    for (const { path, ratePerSecond, p50Ms, p99Ms } of results) {
      const sorted = (await path.measure(ratePerSecond, seconds)).sort();
      p50Ms.push(sorted[Math.floor(sorted.length * 0.5)]);
      p99Ms.push(sorted[Math.floor(sorted.length * 0.99)]);
      const found = `p50 ${p50Ms.at(-1)?.toFixed(1)} ms, p99 ${p99Ms.at(-1)?.toFixed(1)} ms`;
      say(`${path.name} at ${ratePerSecond} ticks/s: ${found}`);
    }
  }
  for (const path of paths) await path.close();
  return results.map(({ path, ...rest }) => ({ name: path.name, ...rest }));
}

/** A contender that runs, with a writer before it and a reader behind it. */
class TimedPath {
  readonly name: ContenderName;
  readonly #contender: ContenderProcess;
  readonly #writer: TickWriter;
  readonly #watch: ForecastWatch;
  /** When each tick was sent, per partition by its offset. */
  readonly #sentAt = new Map<number, Map<bigint, number>>();
  #waits: number[] = [];

  private constructor(contender: ContenderProcess, writer: TickWriter) {
    this.name = contender.name;
    this.#contender = contender;
    this.#writer = writer;
    this.#watch = new ForecastWatch(contender.name, (partition, src) => this.#seen(partition, src));
  }

  static async open(
    name: ContenderName,
    brokers: BenchBrokers,
    tape: RecordedTape,
  ): Promise<TimedPath> {
    const place = brokers.place();
    const writer = await TickWriter.open(place, tape);
    const contender = await ContenderProcess.open(name, place);
    const path = new TimedPath(contender, writer);
    await contender.start();
    await path.#watch.start(writer.log);
    return path;
  }

  /** @returns ms per tick, in no order; ticks of the first two seconds are not among them */
  async measure(ratePerSecond: number, seconds: number): Promise<Float64Array> {
    const from = performance.now();
    const writes: Promise<void>[] = [];
    let written = 0;
    for (let beat = 1; performance.now() < from + SETTLE_MS + seconds * 1e3; beat += 1) {
      if (performance.now() < from + SETTLE_MS) this.#waits = [];
      // What a late beat owes is sent with it: a source does not wait for us.
      const due = Math.floor(((performance.now() - from) / 1e3) * ratePerSecond) - written;
      if (due > 0) writes.push(this.#write(due));
      written += Math.max(0, due);
      await sleep(Math.max(0, from + beat * BEAT_MS - performance.now()));
    }
    await Promise.all(writes);
    await this.#answered();
    return Float64Array.from(this.#waits);
  }

  async close(): Promise<void> {
    await this.#watch.stop();
    await this.#contender.end();
    await this.#writer.log.close();
  }

  async #write(count: number): Promise<void> {
    const sentMs = performance.now();
    await this.#writer.write(count, (partition, offset) => {
      const sent = this.#sentAt.get(partition) ?? new Map<bigint, number>();
      this.#sentAt.set(partition, sent.set(offset, sentMs));
    });
  }

  #seen(partition: number, src: bigint): void {
    const sent = this.#sentAt.get(partition);
    const sentMs = sent?.get(src);
    if (sentMs === undefined) return;
    sent?.delete(src);
    this.#waits.push(performance.now() - sentMs);
  }

  async #answered(): Promise<void> {
    while ([...this.#sentAt.values()].some(({ size }) => size > 0)) await sleep(BEAT_MS);
  }
}
