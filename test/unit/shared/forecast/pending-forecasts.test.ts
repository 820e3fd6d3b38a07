import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PENDING, PendingForecasts } from '#shared/forecast/pending-forecasts.ts';

test('the entry an event overwrites is the one that it matures', () => {
  const horizons = fc
    .uniqueArray(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 4 })
    .map((some) => some.toSorted((a, b) => a - b));
  fc.assert(
    fc.property(horizons, fc.integer({ min: 1, max: 500 }), (sorted, count) => {
      const pending = new PendingForecasts(sorted, 21);
      sorted.forEach((horizon, k) => {
        const entry = pending.entryAt(100, k, count + horizon);
        expect(entry).toBe(pending.entryAt(100, k, count));
        for (let between = 1; between < horizon; between += 1) {
          expect(pending.entryAt(100, k, count + between)).not.toBe(entry);
        }
      });
    }),
  );
});

test('entries of all horizons lie side by side within the slots, and never overlap', () => {
  const horizons = [1, 3, 10];
  const pending = new PendingForecasts(horizons, 5);
  const owners = new Map<number, string>();
  horizons.forEach((horizon, k) => {
    for (let count = 1; count <= horizon; count += 1) {
      const entry = pending.entryAt(0, k, count);
      const end = pending.sigmasAt(entry) + 8;
      expect(pending.quantilesAt(entry)).toBe(entry + 1);
      expect(pending.sigmasAt(entry) - pending.quantilesAt(entry)).toBe(5);
      for (let slot = entry; slot < end; slot += 1) {
        expect(owners.get(slot)).toBeUndefined();
        owners.set(slot, `${k}/${count}`);
      }
    }
  });
  expect(owners.size).toBe(pending.slots);
  expect(Math.max(...owners.keys())).toBe(pending.slots - 1);
});

test('a target is told how its forecast was issued, and that there was none where the event was skipped', () => {
  const pending = new PendingForecasts([1, 3], 5);
  const slots = new Float32Array(pending.slots);
  slots[pending.entryAt(0, 1, 4)] = PENDING.scored;
  expect(pending.mature(slots, 0, 1, 7)).toMatchObject({ origin: 4, isScored: true });
  pending.skip(slots, 0, 4);
  const none = { origin: 4, isScored: false, isWarming: false };
  expect(pending.mature(slots, 0, 1, 7)).toMatchObject(none);
});
