import { ForecastClient } from '#shared/client/forecast-client.ts';

// node docs/examples/02-client.ts [url]: prints forecasts of every symbol until interrupted
const client = new ForecastClient(
  { url: process.argv[2] ?? 'ws://127.0.0.1:8080/v1/stream', symbols: ['*'], maxRateHz: 2 },
  {
    onState: ({ kind, reason }) => process.stderr.write(`${kind} ${reason}\n`),
    onForecasts: ({ forecasts, levels }) => {
      const [low, high] = [levels.indexOf(0.1), levels.indexOf(0.9)];
      for (const { symbol, originValue, horizons } of forecasts) {
        const { horizonTicks, quantiles } = horizons[0];
        const interval = `${quantiles[low]} to ${quantiles[high]}`;
        process.stdout.write(`${symbol} ${originValue}, 80 % in ${horizonTicks}: ${interval}\n`);
      }
    },
  },
);
process.once('SIGINT', () => client.close());
await client.done;
