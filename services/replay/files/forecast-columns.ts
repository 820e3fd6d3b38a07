import type { Forecast, HorizonForecast } from '#shared/forecast/forecast.ts';
import { exp } from '#shared/numeric/elementary.ts';

export interface ColumnLayout {
  /** `wide`: one row per symbol and origin. `long`: one row per symbol, origin and horizon. */
  readonly shape: 'wide' | 'long';
  readonly columns: 'point' | 'point,quantiles';
  readonly horizons: readonly number[];
  readonly levels: readonly number[];
}

export type ColumnType = 'text' | 'int32' | 'int64' | 'double' | 'boolean';

export interface ForecastColumn {
  readonly name: string;
  readonly type: ColumnType;
}

export type Cell = string | number | bigint | boolean;

const ALWAYS: readonly ForecastColumn[] = [
  { name: 'symbol', type: 'text' },
  { name: 'origin', type: 'int32' },
  { name: 'event_time_ns', type: 'int64' },
  { name: 'origin_value', type: 'double' },
  { name: 'model_id', type: 'text' },
  { name: 'warming', type: 'boolean' },
];

/** The columns of a forecast file, in order (docs/replay.md). */
export function forecastColumns(layout: ColumnLayout): readonly ForecastColumn[] {
  if (layout.shape === 'long') {
    return [...ALWAYS, { name: 'horizon', type: 'int32' }, ...statement(layout, '')];
  }
  return [...ALWAYS, ...layout.horizons.flatMap((horizon) => statement(layout, `h${horizon}_`))];
}

/** A forecast as rows of those columns, in raw units. */
export function forecastRows(
  layout: ColumnLayout,
  forecast: Forecast,
): readonly (readonly Cell[])[] {
  const always = [
    forecast.symbol,
    forecast.origin,
    forecast.eventTimeNs,
    forecast.originValue,
    forecast.modelSha,
    forecast.isWarming,
  ];
  if (layout.shape === 'long') {
    return forecast.horizons.map((horizon) => {
      const row: Cell[] = [...always, horizon.horizonTicks];
      appendValues(row, layout, forecast, horizon);
      return row;
    });
  }
  const row: Cell[] = always;
  for (const horizon of forecast.horizons) appendValues(row, layout, forecast, horizon);
  return [row];
}

/** An offset on the origin's value in raw units: quote currency, or the series' own unit. */
export function rawValue(
  { measure, originValue }: Pick<Forecast, 'measure' | 'originValue'>,
  offset: number,
): number {
  return measure === 'price' ? originValue * exp(offset / 1e4) : originValue + offset;
}

function statement({ columns, levels }: ColumnLayout, prefix: string): ForecastColumn[] {
  const names = columns === 'point' ? ['point'] : ['point', ...levels.map((level) => `q${level}`)];
  return names.map((name) => ({ name: `${prefix}${name}`, type: 'double' }));
}

function appendValues(
  row: Cell[],
  layout: ColumnLayout,
  forecast: Forecast,
  horizon: HorizonForecast,
): void {
  row.push(rawValue(forecast, horizon.point));
  if (layout.columns === 'point') return;
  for (const quantile of horizon.quantiles) row.push(rawValue(forecast, quantile));
}
