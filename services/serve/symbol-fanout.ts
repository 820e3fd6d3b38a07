import { type CoverMark, type Covers, CoverTrack, coversBetween } from './cover-mark.ts';
import { EVERY_FLUSH, type FlushPace, Turns } from './flush-pace.ts';
import type { PlacedEntry } from './forecast-rings.ts';
import { GatheredForecasts } from './gathered-forecasts.ts';
import { GroupBases } from './group-bases.ts';
import type { Encoding } from './message-encoding.ts';
import type { Receiver } from './receiver.ts';
import { StreamBases } from './stream-bases.ts';
import type { SymbolFilter } from './symbol-filter.ts';
import { SymbolIndex } from './symbol-index.ts';
import { updateFrame } from './update-frame.ts';
import { forecastJson, type PlacedForecast } from './wire-forecast.ts';
import type { WireFrame } from './wire-frame.ts';

/** How a client wants its forecasts. */
export interface ForecastWish {
  readonly filter: SymbolFilter;
  /** Null: every forecast. */
  readonly maxRateHz: number | null;
  /** Where possible as what has changed. */
  readonly delta?: boolean;
}

/** What a member that is behind has not been sent, and since when. */
interface Owed {
  readonly gathered: GatheredForecasts;
  readonly since: CoverMark;
}

interface Group {
  readonly key: string;
  readonly filter: SymbolFilter;
  readonly maxRateHz: number | null;
  readonly encoding: Encoding;
  readonly gathered: GatheredForecasts;
  /** Null where all forecasts go whole. */
  readonly bases: GroupBases | null;
  /** Null for a member that has been sent all there was. */
  readonly members: Map<Receiver, Owed | null>;
  owedCount: number;
  /** How far its members have been told. */
  mark: CoverMark;
  lastSentMs: number;
  /** Of its turns. */
  readonly phaseMs: number;
}

/** A frame is sent early when it has so many forecasts, so that no frame grows without bound. */
const FRAME_FORECASTS = 256;
/** Members of a group that are told at once; more take turns, so that the last need not wait for all the writes before theirs. */
const LANE_MEMBERS = 500;
/** An empty frame is sent after so long, so that the position moves on where no wanted symbol ticks. */
const SILENT_COVER_MS = 1_000;

/**
 * Forecasts to the clients that want them. Clients with the same wish form a group, of a few hundred at most, and receive the
 * same bytes, made once.
 * Policies: without a rate every forecast is sent, and the session closes a client that does not read; with a rate the newest
 * of each symbol is sent (policy `conflate`), and a member that is behind gathers its own until it has caught up.
 */
export class SymbolFanout {
  readonly #groups = new Map<string, Group>();
  readonly #groupOf = new Map<Receiver, Group>();
  readonly #index = new SymbolIndex<Group>();
  readonly #track = new CoverTrack();
  readonly #stream = new StreamBases();
  readonly #levels: () => readonly number[];
  readonly #turns: Turns;
  #lastCovers: { from: CoverMark; to: CoverMark; covers: Covers } | null = null;

  constructor(levels: () => readonly number[], pace: FlushPace = EVERY_FLUSH) {
    this.#levels = levels;
    this.#turns = new Turns(pace);
  }

  /**
   * From here on the receiver gets what is taken after this call; what was gathered before goes to the older members.
   * `hasNewest`: it has the newest forecast of every symbol that it wants, as by a snapshot.
   */
  join(receiver: Receiver, wish: ForecastWish, nowMs: number, hasNewest = false): void {
    this.leave(receiver);
    const group = this.#groupFor(receiver.encoding, wish, nowMs);
    this.#send(group, nowMs);
    if (!hasNewest) group.bases?.beginAt(this.#track.mark());
    group.members.set(receiver, null);
    this.#groupOf.set(receiver, group);
  }

  /** Another filter from here on, without gap or repeat; nothing happens for a receiver that has not joined. */
  refilter(receiver: Receiver, filter: SymbolFilter, nowMs: number): void {
    const group = this.#groupOf.get(receiver);
    if (group === undefined) return;
    this.#send(group, nowMs);
    const { maxRateHz, bases } = group;
    this.join(receiver, { filter, maxRateHz, delta: bases !== null }, nowMs);
  }

  leave(receiver: Receiver): void {
    const group = this.#groupOf.get(receiver);
    if (group === undefined) return;
    this.#groupOf.delete(receiver);
    this.#owe(group, receiver, null);
    group.members.delete(receiver);
    if (group.members.size > 0) return;
    this.#groups.delete(group.key);
    this.#index.remove(group);
    if (group.bases !== null) this.#stream.end();
  }

  take(entries: readonly PlacedEntry[], nowMs: number): void {
    const full = new Set<Group>();
    for (const entry of entries) {
      this.#track.take(entry);
      for (const placed of entry.forecasts) this.#gather(placed, full);
      if (full.size === 0) continue;
      // Between entries only: a frame covers whole ones.
      for (const group of full) this.#send(group, nowMs);
      full.clear();
    }
  }

  /** How much of its time the process was busy: frames grow where it has none left. */
  strain(busyShare: number): void {
    this.#turns.strain.look(busyShare);
  }

  /** Sends what is due. */
  flush(nowMs: number): void {
    for (const group of this.#groups.values())
      if (this.#isDue(group, nowMs)) this.#send(group, nowMs);
  }

  #isDue({ gathered, owedCount, lastSentMs, maxRateHz, phaseMs }: Group, nowMs: number): boolean {
    const sinceMs = nowMs - lastSentMs;
    if (gathered.size === 0 && owedCount === 0 && sinceMs < SILENT_COVER_MS) return false;
    if (maxRateHz !== null && sinceMs < 1_000 / maxRateHz) return false;
    return this.#turns.isDue(phaseMs, lastSentMs, nowMs);
  }

  #gather(placed: PlacedForecast, full: Set<Group>): void {
    const groups = this.#index.of(placed.symbol);
    const succession = this.#stream.take(placed, groups);
    const held = { placed, merged: 0, succession };
    let isPacked = false;
    for (const group of groups) {
      group.gathered.add(held);
      if (group.maxRateHz !== null) continue;
      isPacked ||= group.encoding === 'msgpack';
      if (group.gathered.size >= FRAME_FORECASTS) full.add(group);
    }
    // Now, rather than for a frame, and whether or not there will be one: what it was decoded to can be let go while it is young,
    // and is more than twice as large in the rings.
    if (!isPacked) forecastJson(placed, 0, succession?.next.units);
  }

  #groupFor(encoding: Encoding, wish: ForecastWish, nowMs: number): Group {
    const { filter, maxRateHz, delta = false } = wish;
    const { key, known } = this.#laneWithRoom(`${encoding} ${maxRateHz} ${delta} ${filter.key}`);
    if (known !== undefined) return known;
    const isConflated = maxRateHz !== null;
    const group: Group = {
      key,
      filter,
      maxRateHz,
      encoding,
      gathered: new GatheredForecasts({ isConflated }),
      bases: delta ? new GroupBases({ isConflated }) : null,
      members: new Map(),
      owedCount: 0,
      mark: this.#track.mark(),
      lastSentMs: nowMs,
      phaseMs: this.#turns.next(),
    };
    if (delta) this.#stream.begin();
    this.#groups.set(key, group);
    this.#index.add(group);
    return group;
  }

  #laneWithRoom(wish: string): { readonly key: string; readonly known: Group | undefined } {
    for (let lane = 0; ; lane += 1) {
      const key = `${lane} ${wish}`;
      const known = this.#groups.get(key);
      if (known === undefined || known.members.size < LANE_MEMBERS) return { key, known };
    }
  }

  #send(group: Group, nowMs: number): void {
    const { mark } = group;
    const now = this.#track.mark();
    group.lastSentMs = nowMs;
    if (now === mark && group.owedCount === 0) return;
    let shared: WireFrame | null = null;
    for (const [receiver, owed] of group.members) {
      if (owed !== null || (group.maxRateHz !== null && receiver.isBehind())) {
        this.#sendOwn(group, receiver, nowMs);
      } else if (now !== mark) {
        shared ??= this.#frame(group, mark, nowMs);
        receiver.send(shared);
      }
    }
    group.bases?.took(group.gathered.held());
    group.gathered.clear();
    group.mark = now;
  }

  #sendOwn(group: Group, receiver: Receiver, nowMs: number): void {
    const owed = group.members.get(receiver) ?? {
      gathered: new GatheredForecasts({ isConflated: true }),
      since: group.mark,
    };
    owed.gathered.absorb(group.gathered);
    if (receiver.isBehind()) {
      this.#owe(group, receiver, owed);
      return;
    }
    this.#owe(group, receiver, null);
    receiver.send(this.#frame(group, owed.since, nowMs, owed.gathered));
  }

  #owe(group: Group, receiver: Receiver, owed: Owed | null): void {
    const before = group.members.get(receiver) ?? null;
    group.owedCount += Number(owed !== null) - Number(before !== null);
    group.members.set(receiver, owed);
  }

  /** For all members, or for the one that was owed this: whole, as what it was sent last is not what they were. */
  #frame(group: Group, since: CoverMark, nowMs: number, owed?: GatheredForecasts): WireFrame {
    return updateFrame({
      encoding: group.encoding,
      sentMs: nowMs,
      levels: this.#levels(),
      covers: this.#covers(since),
      held: (owed ?? group.gathered).held(),
      shareCount: owed === undefined ? group.members.size : 1,
      bases: owed === undefined ? group.bases : null,
    });
  }

  /** Most groups were last told at the same moment, and are told again together. */
  #covers(from: CoverMark): Covers {
    const to = this.#track.mark();
    if (this.#lastCovers?.from !== from || this.#lastCovers.to !== to) {
      this.#lastCovers = { from, to, covers: coversBetween(from, to) };
    }
    return this.#lastCovers.covers;
  }
}
