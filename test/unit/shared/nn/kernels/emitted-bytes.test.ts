import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { wasmKernel } from '#shared/nn/kernels/wasm.ts';
import { emitDense } from '#shared/nn/kernels/wasm-dense.ts';
import { emitLstm } from '#shared/nn/kernels/wasm-lstm.ts';
import { emitNetwork } from '#shared/nn/kernels/wasm-network.ts';

const shaOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const shape = {
  ...{ cell: 'lstm' as const, layers: 1 },
  ...{ inputSize: 24, hiddenSize: 16, headSize: 48, outputSize: 63 },
};
const inference = { shape, rows: 1, steps: 1, isTrained: false };
const training = { shape, rows: 16, steps: 64, isTrained: true };
const ragged = { inputSize: 1, hiddenSize: 13, rows: 3, steps: 2, symbols: 5 };

// A change of these is a change of the kernel: see docs/kernels.md on what follows from it.
test.each([
  [
    'inference at the default sizes',
    emitNetwork(inference).bytes,
    '5fcba848c9a2b6ebb3cd53f9127e1477168643796b6690094feacceee0aea229',
  ],
  [
    'training at the default sizes',
    emitNetwork(training).bytes,
    '224996bb622438bffeb72d75992af55f52124f788a5de1eb365efabc5fb49bd5',
  ],
  [
    'a ragged LSTM',
    emitLstm(ragged).bytes,
    '2788503339f712cdb9e39a993da1ad3ac0457e64929a4e2120ae697576c6e187',
  ],
  [
    'a dense layer',
    emitDense({ inputs: 7, outputs: 3, rows: 5 }),
    '739feff81c9a97f094e7ad1bb43247c76f04f836ef4bfc2b9c488dad7ac940d8',
  ],
])('the bytes of %s are those recorded', (_, bytes, sha) => {
  expect(shaOf(bytes)).toBe(sha);
});

test('the same sizes give the same bytes, and other sizes other ones', () => {
  expect(emitNetwork(inference).bytes).toEqual(emitNetwork({ ...inference }).bytes);
  const wider = { ...inference, shape: { ...shape, hiddenSize: 17 } };
  expect(shaOf(emitNetwork(wider).bytes)).not.toBe(shaOf(emitNetwork(inference).bytes));
});

test('no instruction is one of relaxed SIMD, whose results differ between machines', () => {
  // Opcodes 0x100 and above after the vector prefix, in LEB128: fd, 80..ff, 02.
  for (const bytes of [emitNetwork(training).bytes, emitLstm(ragged).bytes]) {
    const text = Buffer.from(bytes).toString('hex');
    expect(text).not.toMatch(/^(?:..)*fd[89a-f].02/);
  }
});

test.each([
  [
    'inference at the default sizes',
    emitNetwork(inference, 'wasm-fma').bytes,
    'b7af2f93db3e7a7e338011c57ed32e93351f5ab9990db4b27ab3d5ef40870160',
  ],
  [
    'training at the default sizes',
    emitNetwork(training, 'wasm-fma').bytes,
    'b3ae9a1f98165d8ba4ab3cf9d468261b6f71ec0ad527f507694b492d8b8d2ac9',
  ],
  [
    'a ragged LSTM',
    emitLstm(ragged, 'wasm-fma').bytes,
    'b686188d7d4ee55d9d9fb00c4d901f538b5ad280ef40d39938a09d90262932b1',
  ],
])('the fused bytes of %s are those recorded, and hold relaxed_madd', (_, bytes, sha) => {
  expect(Buffer.from(bytes).toString('hex')).toMatch(/^(?:..)*fd8502/);
  expect(shaOf(bytes)).toBe(sha);
});

test('no kernel but wasm is what runs when none is named', () => {
  expect(wasmKernel().name).toBe('wasm');
  expect(emitNetwork(inference).bytes).toEqual(emitNetwork(inference, 'wasm').bytes);
});

test('a network of another shape than one LSTM layer is refused', () => {
  for (const other of [{ cell: 'gru' as const }, { layers: 2 }]) {
    expect(() => emitNetwork({ ...inference, shape: { ...shape, ...other } })).toThrow(RangeError);
  }
});
