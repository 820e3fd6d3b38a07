import { CorruptBytesError } from '#shared/errors.ts';
import type { Control } from '#shared/market/control.ts';
import { decodeTickRecord, isControlRecord } from '#shared/market/tick-record.ts';

/** The control that a record of `ticks` is; null for a tick, and for a control that does not read back, which the fold rejects. */
export function recordedControl(value: Uint8Array): Control | null {
  if (!isControlRecord(value)) return null;
  try {
    return decodeTickRecord(value) as Control;
  } catch (error) {
    if (error instanceof CorruptBytesError) return null;
    throw error;
  }
}
