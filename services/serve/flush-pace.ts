/** When what is gathered is due. A fan-out is flushed more often than any of its groups, which take turns. */
export interface FlushPace {
  /** Time between two flushes of one group, in ms; 0: whenever the fan-out is flushed. */
  readonly periodMs: number;
  /** Time between two flushes of the fan-out, in ms. */
  readonly stepMs: number;
}

export const EVERY_FLUSH: FlushPace = { periodMs: 0, stepMs: 0 };

const STEPS = 20;

/** So that nothing is gathered for longer than `flushMs`: what is due is seen one step late at most. */
export function flushPace(flushMs: number): FlushPace {
  const stepMs = Math.max(1, Math.round(flushMs / STEPS));
  return { periodMs: stepMs * Math.max(0, Math.floor(flushMs / stepMs) - 1), stepMs };
}

/** How long until the flush after this one: flushes keep to whole steps of the clock, as turns do, so that none is just missed. */
export function untilNextFlushMs({ stepMs }: FlushPace, nowMs: number): number {
  return (stepOf(nowMs, stepMs) + 1) * stepMs - nowMs;
}

/** The nearest, as a timer may be a little early. */
function stepOf(ms: number, stepMs: number): number {
  return Math.round(ms / stepMs);
}

/** How often the strain is looked at. */
export const STRAIN_MS = 250;
/** Share of its time that the process is busy, from which there is too little, and below which there is enough. */
const SHORT = 0.95;
const AMPLE = 0.7;
/** Looks in a row at which there must be too little, or enough: a pause is no strain. */
const LOOKS = 2;
const MOST_STRETCH = 4;

/**
 * Whether the process has time left. Where it has none, fewer and larger frames cost less for each forecast: what is read then is
 * somewhat older, where otherwise all would grow older without end.
 */
export class FlushStrain {
  /** How much longer than asked for is gathered: 1, 2 or 4. */
  stretch = 1;
  #shortLooks = 0;
  #ampleLooks = 0;

  /** `busyShare`: of the time since the last look. */
  look(busyShare: number): void {
    this.#shortLooks = busyShare > SHORT ? this.#shortLooks + 1 : 0;
    this.#ampleLooks = busyShare < AMPLE ? this.#ampleLooks + 1 : 0;
    if (this.#shortLooks === LOOKS) {
      this.stretch = Math.min(MOST_STRETCH, 2 * this.stretch);
      this.#shortLooks = 0;
    }
    if (this.#ampleLooks === LOOKS) {
      this.stretch = Math.max(1, this.stretch / 2);
      this.#ampleLooks = 0;
    }
  }
}

/** Gives each group its turn: evenly over the period, and however few they are, far apart. */
export class Turns {
  readonly strain = new FlushStrain();
  readonly #pace: FlushPace;
  #given = 0;

  constructor(pace: FlushPace) {
    this.#pace = pace;
  }

  /** @returns the turn's phase, in ms */
  next(): number {
    const { periodMs, stepMs } = this.#pace;
    if (periodMs === 0) return 0;
    const phaseMs = periodMs * spread(this.#given);
    this.#given += 1;
    return stepMs * Math.floor(phaseMs / stepMs);
  }

  /** Whether a turn of this phase has begun since. */
  isDue(phaseMs: number, sinceMs: number, nowMs: number): boolean {
    if (this.#pace.periodMs === 0) return true;
    return this.#turnAt(nowMs, phaseMs) > this.#turnAt(sinceMs, phaseMs);
  }

  #turnAt(ms: number, phaseMs: number): number {
    const { periodMs, stepMs } = this.#pace;
    return Math.floor((stepOf(ms, stepMs) * stepMs - phaseMs) / (periodMs * this.strain.stretch));
  }
}

const MIRRORED = [0, 0.5, 0.25, 0.75];

/**
 * In periods, below MOST_STRETCH. Behind the point stand the number's binary digits, the last first (van der Corput): 0, 1/2, 1/4,
 * 3/4, 1/8 and so on. Before it stands what leaves them evenly spread over longer periods, too.
 */
function spread(count: number): number {
  let share = 0;
  let period = 0;
  for (let rest = count, place = 1; rest > 0; rest = Math.floor(rest / 4), place /= 4) {
    share += place * MIRRORED[rest % 4];
    period += rest % 4;
  }
  return (period % MOST_STRETCH) + share;
}
