import { WireFormatError } from './codec.ts';
import type { WireDelta, WireForecast, WireHorizon } from './message.ts';
import { readVlq } from './vlq.ts';

/**
 * The forecast that the delta stands for, to the last bit: sums of whole numbers, then one division that rounds as reading the
 * decimal would. `base`: the forecast of that symbol with the origin `delta.from`.
 * @throws WireFormatError `WIRE_FORMAT` where there are not as many changes as numbers
 */
export function rebuiltForecast(base: WireForecast, delta: WireDelta): WireForecast {
  const { from: _from, decimals: _decimals, changes: _changes, weights: _weights, ...told } = delta;
  return { ...base, ...told, horizons: rebuiltHorizons(base.horizons, delta) };
}

function rebuiltHorizons(
  horizons: readonly WireHorizon[],
  { decimals, changes, weights }: WireDelta,
): WireHorizon[] {
  // Not a power: engines differ in its last bit.
  const scale = Number(`1e${decimals}`);
  const steps = readVlq(changes);
  const count = horizons.reduce((sum, { quantiles }) => sum + 1 + quantiles.length, 0);
  if (steps.length !== count) {
    throw new WireFormatError(
      `a delta has a change for each of ${count} numbers, had ${steps.length}`,
    );
  }
  let at = 0;
  let change = 0;
  const moved = (value: number): number => {
    change += steps[at];
    at += 1;
    return (Math.round(value * scale) + change) / scale;
  };
  return horizons.map(({ horizonTicks, point, quantiles, weights: same }, k) => ({
    horizonTicks,
    point: moved(point),
    quantiles: quantiles.map(moved),
    weights: weights?.[k] ?? same,
  }));
}
