import { asSymbol, type SymbolName } from '#shared/market/symbol.ts';

/** What is constant about one simulated symbol. Prices are counted in whole steps. */
export interface Character {
  readonly symbol: SymbolName;
  readonly stepsPerUnit: number;
  readonly startSteps: number;
  /** Standard deviation of the middle of the book from quote to quote in the long run, calm regime, basis points. */
  readonly longRunBp: number;
  /** Mean trades per second in the calm regime. */
  readonly tradeRate: number;
  /** Mean lots at the best bid and ask. */
  readonly meanLots: number;
}

const NAMES = [
  ...['ALPHA', 'BRAVO', 'CHARLIE', 'DELTA', 'ECHO', 'FOXTROT', 'GOLF', 'HOTEL'],
  ...['INDIA', 'JULIETT', 'KILO', 'LIMA', 'MIKE', 'NOVEMBER', 'OSCAR', 'PAPA'],
  ...['QUEBEC', 'ROMEO', 'SIERRA', 'TANGO', 'UNIFORM', 'VICTOR', 'WHISKEY', 'XRAY'],
];

// Steps of 0.2 to 1.5 basis points, so that some symbols hardly notice theirs and others live on it.
const SHAPES = [
  { stepsPerUnit: 100, startSteps: 10_000, sigmaSteps: 0.8, pace: 1 },
  { stepsPerUnit: 1, startSteps: 62_000, sigmaSteps: 1.4, pace: 1.3 },
  { stepsPerUnit: 10, startSteps: 26_500, sigmaSteps: 1.1, pace: 1.1 },
  { stepsPerUnit: 10_000, startSteps: 8_500, sigmaSteps: 0.7, pace: 0.8 },
  { stepsPerUnit: 200, startSteps: 6_900, sigmaSteps: 0.9, pace: 0.7 },
  { stepsPerUnit: 20, startSteps: 8_200, sigmaSteps: 0.75, pace: 0.9 },
];

/** The first `count` symbols of the market, at most 24. */
export function charactersOf(count: number, tradesPerSecond: number): readonly Character[] {
  return NAMES.slice(0, count).map((name, at) => {
    const { stepsPerUnit, startSteps, sigmaSteps, pace } = SHAPES[at % SHAPES.length];
    return {
      symbol: asSymbol(`SIM:${name}`),
      stepsPerUnit,
      startSteps,
      longRunBp: (sigmaSteps * 10_000) / startSteps,
      tradeRate: tradesPerSecond * pace,
      meanLots: 20 + 5 * (at % 4),
    };
  });
}
