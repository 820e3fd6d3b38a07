import type { TickSource } from '#services/ingest/sources/source.ts';
import { warmUpUntil } from '#services/ingest/sources/warm-up-until.ts';
import type { WarmUp } from './replay-arguments.ts';
import { ReplayArgumentError } from './replay-error.ts';

/** The same source, whose first record says how long warm-up lasts. */
export function warmedSource(source: TickSource, warmUp: WarmUp): TickSource {
  return {
    open: async () => {
      const description = await source.open();
      const begin = { ...description.begin };
      if ('ticks' in warmUp) {
        return { ...description, begin: { ...begin, warmUpTicks: warmUp.ticks } };
      }
      const { spanNs } = description;
      if (spanNs === undefined) {
        throw new ReplayArgumentError('warm-up in percent needs a tape with a first and last time');
      }
      const until = warmUpUntil(spanNs, warmUp.percent);
      return { ...description, begin: { ...begin, warmUpUntilNs: until } };
    },
    rows: () => source.rows(),
    close: () => source.close(),
  };
}
