import { SymbolArena } from '#shared/forecast/symbol-arena.ts';
import { symbolFoldOf } from '#shared/forecast/symbol-fold-of.ts';
import { asSymbol } from '#shared/market/symbol.ts';
import { settingsOf } from './fold-case.ts';

const TICK_HORIZONS = ['1', '1,10,100', '1,10,100,1000'];
const SERIES: readonly (readonly [season: number, horizons: string])[] = [
  [5, '1..48'],
  [24, '1,24,48'],
  [24, '1..48'],
  [96, '1..48'],
];

/** Lines of markdown: bytes of a symbol's checkpoint, which is all that is kept of it, by settings. */
export function stateLines(): string[] {
  const ticks = TICK_HORIZONS.map((horizons) =>
    line(`ticks, horizons ${horizons}`, { FORETICK_HORIZONS: horizons }),
  );
  const series = SERIES.map(([season, horizons]) =>
    line(`series, season ${season}, horizons ${horizons}`, {
      FORETICK_MEASURE: 'value',
      FORETICK_SEASON_TICKS: `${season}`,
      FORETICK_HORIZONS: listed(horizons),
    }),
  );
  return ['| settings | bytes per symbol |', '|---|---|', ...ticks, ...series];
}

function line(what: string, environment: Readonly<Record<string, string>>): string {
  const { f64Slots, f32Slots } = symbolFoldOf(settingsOf(environment));
  const arena = new SymbolArena(f64Slots, f32Slots);
  const bytes = arena.bytesOf(arena.add(asSymbol('a'))).length;
  return `| ${what} | ${bytes.toLocaleString('en')} |`;
}

function listed(horizons: string): string {
  const [first, last] = horizons.split('..').map(Number);
  if (last === undefined) return horizons;
  return Array.from({ length: last - first + 1 }, (_, k) => first + k).join();
}
