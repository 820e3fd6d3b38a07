import { createHash, type Hash } from 'node:crypto';
import type { Forecast } from '#shared/forecast/forecast.ts';
import { ByteWriter } from '#shared/numeric/byte-writer.ts';

/** Takes forecasts, each symbol's in origin order, and says at the end what they were in 64 hex digits. */
export interface ForecastDigest {
  add(forecast: Forecast): void;
  /** sha256, hex. Ends the digest. */
  finish(): string;
}

/**
 * Per symbol the sha256 over its forecasts in origin order, each as
 * symbol u16+UTF-8 | origin u32 | event time i64 | origin value f64 | warming u8 | model sha256 (hex, u16+UTF-8) |
 * per horizon: ticks u32, point f32, one f32 per level; little-endian.
 * Then the sha256 over `symbol:digest\n` of all symbols, sorted. No run, offset, epoch or partition is in it, so that solo,
 * replay and any number of partitions agree (decision 0010).
 */
export function forecastDigest(): ForecastDigest {
  const symbols = new Map<string, Hash>();
  const writer = new ByteWriter(1024);
  return {
    add: (forecast) => {
      let hash = symbols.get(forecast.symbol);
      if (hash === undefined) {
        hash = createHash('sha256');
        symbols.set(forecast.symbol, hash);
      }
      writer.reset();
      write(writer, forecast);
      hash.update(writer.written());
    },
    finish: () => {
      const all = createHash('sha256');
      const sorted = [...symbols].sort(([a], [b]) => (a < b ? -1 : 1));
      for (const [symbol, hash] of sorted) all.update(`${symbol}:${hash.digest('hex')}\n`);
      return all.digest('hex');
    },
  };
}

/** All that a forecast says, in the layout that the digest is made of: equal bytes, equal forecasts. */
export function forecastBytes(forecast: Forecast): Uint8Array {
  const writer = new ByteWriter(1024);
  write(writer, forecast);
  return writer.finish();
}

function write(writer: ByteWriter, forecast: Forecast): void {
  writer.text16(forecast.symbol);
  writer.u32(forecast.origin);
  writer.i64(forecast.eventTimeNs);
  writer.f64(forecast.originValue);
  writer.u8(forecast.isWarming ? 1 : 0);
  writer.text16(forecast.modelSha);
  for (const horizon of forecast.horizons) {
    writer.u32(horizon.horizonTicks);
    writer.f32(horizon.point);
    writer.f32s(horizon.quantiles);
  }
}
