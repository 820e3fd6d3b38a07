import type { EventLog } from '#shared/log/event-log.ts';
import { openKafkaLog } from '#shared/log/kafka/kafka-log.ts';
import { encodeControl } from '#shared/market/tick-record.ts';
import type { RecordedTape } from '../recorded-tape.ts';
import type { Place } from './contender.ts';
import { TickSupply } from './tick-supply.ts';

const APPEND_RECORDS = 1000;
const WARM_UP_TICKS = 500;

/** Writes ticks for one contender, and knows where each partition ends. */
export class TickWriter {
  readonly log: EventLog;
  readonly #supply: TickSupply;
  readonly #ends: bigint[];

  private constructor(log: EventLog, supply: TickSupply) {
    this.log = log;
    this.#supply = supply;
    this.#ends = Array.from({ length: log.partitionCount }, () => 0n);
  }

  static async open(place: Place, tape: RecordedTape): Promise<TickWriter> {
    const log = await openKafkaLog(place);
    const writer = new TickWriter(log, new TickSupply(tape, place.partitionCount));
    const begin = encodeControl({ kind: 'begin', warmUpTicks: WARM_UP_TICKS });
    for (let p = 0; p < place.partitionCount; p += 1) await writer.#append(p, [begin]);
    return writer;
  }

  get ends(): readonly bigint[] {
    return [...this.#ends];
  }

  /** @param onOffset told of each tick, before it is sent, where it will stand */
  async write(
    count: number,
    onOffset: (partition: number, offset: bigint) => void = () => undefined,
  ): Promise<void> {
    const values = new Map<number, Uint8Array[]>();
    for (const { partition, value } of this.#supply.take(count)) {
      const known = values.get(partition) ?? [];
      onOffset(partition, this.#ends[partition] + BigInt(known.length));
      known.push(value);
      values.set(partition, known);
    }
    await Promise.all([...values].map(([partition, records]) => this.#append(partition, records)));
  }

  async #append(partition: number, values: readonly Uint8Array[]): Promise<void> {
    this.#ends[partition] += BigInt(values.length);
    const sends: Promise<unknown>[] = [];
    for (let k = 0; k < values.length; k += APPEND_RECORDS) {
      sends.push(this.log.append('ticks', partition, values.slice(k, k + APPEND_RECORDS)));
    }
    await Promise.all(sends);
  }
}
