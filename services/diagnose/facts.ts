import type { Examined } from './diagnosis.ts';

/** What the textbook says of a cell, and what was seen. */
export interface Fact {
  readonly cell: string;
  readonly says: string;
  readonly seen: number | null;
  readonly holds: boolean;
}

const VANISHED = 1e-6;
const EXPLODED = 1e6;
const SURVIVING = 1e-2;

/** Of the untrained cells: training may change all of it. */
export function factsOf(cells: readonly Examined[], lag: number): Fact[] {
  return cells.flatMap((one) => {
    const fact = factOf(one, one.before.reach.slice(0, lag + 1));
    return fact === null ? [] : [{ cell: one.name, ...fact }];
  });
}

/** @param reach from lag 0 to the task's lag */
function factOf(one: Examined, reach: readonly number[]): Omit<Fact, 'cell'> | null {
  const lag = reach.length - 1;
  switch (one.role) {
    case 'vanishing': {
      const says = `falls below ${exponential(VANISHED)} of its start within ${lag} steps; at step`;
      const at = reach.findIndex((ratio) => ratio < VANISHED);
      return { says, seen: at < 0 ? null : at, holds: at >= 0 };
    }
    case 'exploding': {
      const says = `exceeds ${exponential(EXPLODED)} of its start without clipping within ${lag} steps; largest`;
      const seen = Math.max(...reach);
      return { says, seen, holds: seen > EXPLODED };
    }
    case 'clipped': {
      const { gradientNorm } = one.before;
      const says = `has a gradient of norm ${exponential(gradientNorm)}, of which clipping leaves`;
      const largest = one.clipNorm ?? Infinity;
      const seen = Math.min(gradientNorm, largest);
      return { says, seen, holds: gradientNorm > largest };
    }
    case 'surviving': {
      const says = `keeps above ${exponential(SURVIVING)} of its start over ${lag} steps; lowest`;
      const seen = Math.min(...reach);
      return { says, seen, holds: seen > SURVIVING };
    }
    case 'decaying':
      return null;
  }
}

function exponential(value: number): string {
  return value.toExponential(0);
}
