/** When what is gathered is due. A fan-out is flushed more often than any of its groups, which take turns. */
export interface FlushPace {
  /** Time between two flushes of one group, in ms; 0: whenever the fan-out is flushed. */
  readonly periodMs: number;
  /** Time between two flushes of the fan-out, in ms. */
  readonly stepMs: number;
}

export const EVERY_FLUSH: FlushPace = { periodMs: 0, stepMs: 0 };

const STEPS = 10;

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

/** Lateness, in steps, from which there is too little time, and below which there is enough; how long before it is judged again. */
const SHORT = { steps: 3, ms: 250 };
const AMPLE = { steps: 1, ms: 1_000 };
const MOST_STRETCH = 4;
/** Weight of the newest flush in the mean lateness. */
const NEWEST = 0.05;

/**
 * Whether the process gets to its flushes in time. Where it does not, fewer and larger frames cost less for each forecast: what is
 * read then is somewhat older, where otherwise all would grow older without end.
 */
export class FlushStrain {
  /** How much longer than asked for is gathered: 1, 2 or 4. */
  stretch = 1;
  readonly #stepMs: number;
  #lateMs = 0;
  #judgedMs = 0;

  constructor({ stepMs }: FlushPace) {
    this.#stepMs = stepMs;
  }

  /** One flush, so much after it was due. */
  note(lateMs: number, nowMs: number): void {
    this.#lateMs += NEWEST * (lateMs - this.#lateMs);
    const steps = this.#lateMs / this.#stepMs;
    const isShort = steps > SHORT.steps && this.stretch < MOST_STRETCH;
    const isAmple = steps < AMPLE.steps && this.stretch > 1;
    if (!isShort && !isAmple) return;
    if (nowMs - this.#judgedMs < (isShort ? SHORT.ms : AMPLE.ms)) return;
    this.stretch *= isShort ? 2 : 0.5;
    this.#judgedMs = nowMs;
  }
}

/** Gives each group its turn, evenly over the period. */
export class Turns {
  readonly strain: FlushStrain;
  readonly #pace: FlushPace;
  #given = 0;

  constructor(pace: FlushPace) {
    this.#pace = pace;
    this.strain = new FlushStrain(pace);
  }

  /** @returns the turn's phase, in ms */
  next(): number {
    const { periodMs, stepMs } = this.#pace;
    if (periodMs === 0) return 0;
    this.#given += 1;
    return (this.#given * stepMs) % (MOST_STRETCH * periodMs);
  }

  /** Whether a turn of this phase has begun since. */
  isDue(phaseMs: number, sinceMs: number, nowMs: number): boolean {
    const { periodMs, stepMs } = this.#pace;
    if (periodMs === 0) return true;
    const turn = periodMs * this.strain.stretch;
    const turnOf = (ms: number) => Math.floor((stepOf(ms, stepMs) * stepMs - phaseMs) / turn);
    return turnOf(nowMs) > turnOf(sinceMs);
  }
}
