import { referenceKernel } from '#shared/nn/kernels/reference.ts';
import { wasmKernel } from '#shared/nn/kernels/wasm.ts';
import { openPeers } from '../peers.ts';
import { OURS } from './case-result.ts';
import { kernelContender } from './kernel-contender.ts';
import type { Contender } from './lstm-case.ts';
import { onnxContender } from './onnx-contender.ts';
import { plainContender } from './plain-contender.ts';
import { openPython } from './python-contenders.ts';
import { tfjsContender } from './tfjs-contender.ts';

/** All who can take part on this machine, and by name those who cannot. */
export interface Field {
  readonly contenders: readonly Contender[];
  readonly leftOut: readonly string[];
  close(): Promise<void>;
}

/** @param python the Python to ask for PyTorch and the others */
export async function openField(python: string, say: (line: string) => void): Promise<Field> {
  const contenders: Contender[] = [
    kernelContender(OURS, wasmKernel()),
    kernelContender('ours wasm-fma', wasmKernel('wasm-fma')),
    kernelContender('ours reference', referenceKernel()),
    plainContender(),
  ];
  const leftOut: string[] = [];
  const join = async (name: string, open: () => Contender | Promise<Contender>): Promise<void> => {
    try {
      contenders.push(await open());
    } catch (error) {
      leftOut.push(`${name}: ${reason(error)}`);
    }
  };
  const peers = openPeers(say);
  if (peers === null) {
    leftOut.push('onnxruntime-node, tfjs wasm: their packages could not be installed');
  } else {
    await join('onnxruntime-node', () => onnxContender(peers));
    await join('tfjs wasm', () => tfjsContender(peers));
  }
  let close = async (): Promise<void> => {};
  try {
    const snake = await openPython(python);
    close = () => snake.close();
    contenders.push(...snake.contenders);
    for (const [name, why] of Object.entries(snake.missing)) leftOut.push(`${name}: ${why}`);
  } catch (error) {
    leftOut.push(`PyTorch, NumPy, JAX, onnxruntime Python: ${reason(error)}`);
  }
  return { contenders, leftOut, close };
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
