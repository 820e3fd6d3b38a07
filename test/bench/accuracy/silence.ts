import { SERIES_EXPERTS, SeriesExperts } from '#shared/forecast/series/series-experts.ts';

// Loaded before a replay (`node --import`): the experts that the query names say no change, as the last value does, whose twins they
// are then to the mix. The product itself has no switch for that.
const silent = new URL(import.meta.url).searchParams.getAll('expert').map((name) => {
  const row = SERIES_EXPERTS.indexOf(name);
  if (row < 0) throw new RangeError(`an expert is one of ${SERIES_EXPERTS.join()}, was ${name}`);
  return row;
});
const { step } = SeriesExperts.prototype;
SeriesExperts.prototype.step = function (this: SeriesExperts, row): void {
  step.call(this, row);
  for (const k of silent) this.rows[k].fill(0);
};
