import type { EdgeResult } from './edge-case.ts';
import {
  BARE,
  CENTRIFUGE_DEFLATED,
  CENTRIFUGE_FIFTIES,
  CENTRIFUGE_SINGLE,
  DEFLATED,
  DELTAS,
  FIFTIES,
  IDLE,
  NONE_STALLED,
  OWN,
  SINGLE,
  STALLED,
} from './edge-cases.ts';

/**
 * What one server CPU-second of Centrifugo delivered on such a machine on another day: single messages, and forecasts in fifties.
 * The goals are of these where its library could not be measured beside ours, or not as it should.
 */
const CENTRIFUGO = { singles: 112_000, inFifties: 4_000_000 };

/** Below it clients were cut off, as happens to those of centrifuge when the machine stands still: their server had less to do. */
const WHOLE_SHARE = 0.95;

/** What the figures are held against: by ratio in the same run, or by number. */
export function edgeGoals(results: ReadonlyMap<string, EdgeResult>): readonly string[] {
  const of = (name: string) => results.get(name);
  const per = (name: string) => of(name)?.perCpuSecond ?? Number.NaN;
  const age = (name: string) => of(name)?.ageMs.p99 ?? Number.NaN;
  const whole = (name: string) =>
    (of(name)?.deliveredShare ?? 0) >= WHOLE_SHARE ? per(name) : Number.NaN;
  const kib = of(IDLE)?.kibPerClient ?? Number.NaN;
  return [
    goal('same symbols, of the bare loop', per(DELTAS) / per(BARE), 'at least', 40),
    noGoal('same symbols, whole forecasts, of the bare loop', per(DEFLATED) / per(BARE)),
    goal('own symbols, of the bare loop', per(OWN) / per(BARE), 'at least', 5),
    goal('same symbols: ms old when read, p99', age(DELTAS), 'at most', 50),
    noGoal('same symbols, whole forecasts: ms old when read, p99', age(DEFLATED)),
    goal('own symbols: ms old when read, p99', age(OWN), 'at most', 50),
    goal('p99 of readers beside stalled ones', age(STALLED) / age(NONE_STALLED), 'at most', 1.2),
    goal('KiB of memory per idle client', kib, 'at most', 10),
    ...aheadOf('single messages', per(SINGLE), {
      beside: whole(CENTRIFUGE_SINGLE),
      anotherDay: CENTRIFUGO.singles,
    }),
    ...aheadOf('in fifties', per(FIFTIES), {
      beside: Math.max(whole(CENTRIFUGE_FIFTIES), whole(CENTRIFUGE_DEFLATED)),
      anotherDay: CENTRIFUGO.inFifties,
    }),
  ];
}

/** The figure of another day moves with the machine against ours, so it is no more than named where there is one of this run. */
function aheadOf(
  what: string,
  ours: number,
  { beside, anotherDay }: { beside: number; anotherDay: number },
): readonly string[] {
  const then = `${what}, of Centrifugo's ${anotherDay.toLocaleString('en')} of another day`;
  if (Number.isNaN(beside)) return [goal(then, ours / anotherDay, 'at least', 1)];
  return [
    goal(`${what}, of centrifuge`, ours / beside, 'at least', 1),
    noGoal(then, ours / anotherDay),
  ];
}

function goal(what: string, was: number, sense: 'at least' | 'at most', bound: number): string {
  const isMet = sense === 'at least' ? was >= bound : was <= bound;
  return `| ${what} | ${sense} ${bound} | ${was.toFixed(2)} | ${isMet ? 'met' : 'missed'} |`;
}

function noGoal(what: string, was: number): string {
  return `| ${what} | none | ${was.toFixed(2)} | |`;
}
