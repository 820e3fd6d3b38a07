import type { TrainingResult, TrainingTask } from './trainer.ts';

/** What the service asks of its worker thread; answered in order, each with the same `number`. */
export type WorkerRequest = { readonly number: number } & (
  | { readonly kind: 'fold'; readonly partition: number; readonly packed: PackedRecords }
  | { readonly kind: 'train'; readonly task: TrainingTask }
  | { readonly kind: 'conclude'; readonly id: number; readonly artefact: Uint8Array | null }
);

export type WorkerAnswer = { readonly number: number } & (
  | { readonly kind: 'folded'; readonly tickCount: number }
  | { readonly kind: 'trained'; readonly result: TrainingResult }
  | { readonly kind: 'concluded' }
  | { readonly kind: 'failed'; readonly message: string; readonly code: string }
);

/** Records end to end in one buffer: handing over many small views would copy whatever buffers lie behind them. */
export interface PackedRecords {
  readonly bytes: Uint8Array;
  readonly lengths: Uint32Array;
}

export function packRecords(values: readonly Uint8Array[]): PackedRecords {
  const lengths = Uint32Array.from(values, (value) => value.length);
  const bytes = new Uint8Array(lengths.reduce((sum, length) => sum + length, 0));
  let at = 0;
  for (const value of values) {
    bytes.set(value, at);
    at += value.length;
  }
  return { bytes, lengths };
}

export function unpackRecords({ bytes, lengths }: PackedRecords): Uint8Array[] {
  let at = 0;
  return Array.from(lengths, (length) => {
    at += length;
    return bytes.subarray(at - length, at);
  });
}
