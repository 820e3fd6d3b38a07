import type { PlacedEntry } from './forecast-rings.ts';

/** A stretch of a partition: `after` exclusive, `upTo` inclusive. */
export interface OpenCover {
  after: bigint;
  upTo: bigint;
}

export type Covers = ReadonlyMap<number, OpenCover>;

const NOTHING = -1n;

/** How far all partitions had been taken at one moment. Two marks give the stretch that a frame between them covers. */
export interface CoverMark {
  readonly upTo: readonly bigint[];
  /** Above what each partition has been taken without a gap: a client below it has missed something. */
  readonly floor: readonly bigint[];
}

/** Moves on with each entry taken; marks are shared by all who ask between two entries. */
export class CoverTrack {
  #upTo: bigint[] = [];
  #floor: bigint[] = [];
  #mark: CoverMark | null = null;

  take({ partition, src, prev }: PlacedEntry): void {
    while (this.#upTo.length <= partition) {
      this.#upTo.push(NOTHING);
      this.#floor.push(NOTHING);
    }
    if (prev !== this.#upTo[partition]) this.#floor[partition] = prev;
    this.#upTo[partition] = src;
    this.#mark = null;
  }

  mark(): CoverMark {
    this.#mark ??= { upTo: [...this.#upTo], floor: [...this.#floor] };
    return this.#mark;
  }
}

/** Behind a gap the cover begins anew: its `after` is then above the client's position, which tells the client. */
export function coversBetween(from: CoverMark, to: CoverMark): Covers {
  const covers = new Map<number, OpenCover>();
  to.upTo.forEach((upTo, partition) => {
    const seen = from.upTo[partition] ?? NOTHING;
    const floor = to.floor[partition];
    if (upTo > seen) covers.set(partition, { after: floor > seen ? floor : seen, upTo });
  });
  return covers;
}

/** What consecutive entries cover. */
export function coversOf(entries: readonly PlacedEntry[]): Covers {
  const covers = new Map<number, OpenCover>();
  for (const { partition, src, prev } of entries) {
    const cover = covers.get(partition);
    if (cover === undefined) covers.set(partition, { after: prev, upTo: src });
    else cover.upTo = src;
  }
  return covers;
}
