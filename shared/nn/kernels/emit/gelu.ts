import { Activations } from './activations.ts';
import { eachVector } from './dense-shapes.ts';
import { V128 } from './function-body.ts';
import type { WasmModule } from './wasm-module.ts';

/** Defines (count, input, factors, output): output = gelu(input) * factors, number by number. */
export function defineGelu(module: WasmModule): number {
  return module.routine(4, (f) => {
    const activations = new Activations(module, f);
    const [x, square] = [f.local(V128), f.local(V128)];
    eachVector(f, 0, [1, 2, 3], () => {
      f.get(1).load(0).set(x);
      activations.geluGate(x, square);
      f.get(x).mul().get(2).load(0).mul().set(x).store(3, x, 0);
    });
  });
}

/** Defines (count, input, factors, gradient): gradient *= factors * gelu'(input), with gelu' = s + x s (1 - s) v'(x) (gelu.ts). */
export function defineGeluBackward(module: WasmModule): number {
  return module.routine(4, (f) => {
    const activations = new Activations(module, f);
    const [x, square, gate] = [f.local(V128), f.local(V128), f.local(V128)];
    eachVector(f, 0, [1, 2, 3], () => {
      f.get(1).load(0).set(x);
      activations.geluGate(x, square);
      f.tee(gate).get(x).mul();
      activations.constant(1).get(gate).sub().mul();
      f.timesPlus(
        () => activations.geluSlope(square),
        () => f.get(gate),
      );
      f.get(2).load(0).mul().get(3).load(0).mul().set(x).store(3, x, 0);
    });
  });
}
