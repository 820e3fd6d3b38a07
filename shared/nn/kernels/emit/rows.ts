import { type FunctionBody, I32, LANE, V128, VECTOR } from './function-body.ts';
import type { WasmModule } from './wasm-module.ts';

/** Vectors that are written out one after the other; more of them go in a loop. */
const UNROLLED = 16;

/** Defines (to, from): copies exactly `count` numbers. */
export function defineCopy(module: WasmModule, count: number): number {
  return module.routine(2, (f) => {
    const [value] = f.vectors(1);
    eachPiece(f, [0, 1], count, (at, lanes) =>
      f.get(1).load(at).set(value).store(0, value, at, lanes),
    );
  });
}

/** Defines (to, from, factors): to = from * factors for exactly `count` numbers. */
export function defineMultiply(module: WasmModule, count: number): number {
  return module.routine(3, (f) => {
    const [value] = f.vectors(1);
    eachPiece(f, [0, 1, 2], count, (at, lanes) => {
      f.get(1).load(at).get(2).load(at).mul().set(value).store(0, value, at, lanes);
    });
  });
}

/** Defines (from) -> 1 where all `count` numbers are finite, else 0: only then is x - x zero for each of them. */
export function defineFinite(module: WasmModule, count: number): number {
  return module.define({ params: [I32], results: [I32] }, (f) => {
    const sum = f.local(V128);
    const x = f.local(V128);
    const take = (): void => {
      f.set(x).get(sum).get(x).get(x).sub().add().set(sum);
    };
    eachPiece(f, [0], count, (at, lanes) => {
      if (lanes === 0) f.get(0).load(at);
      else if (lanes >= 2) f.get(0).loadTwo(at);
      else f.get(0).loadOne(at);
      take();
      if (lanes !== 3) return;
      f.get(0).loadOne(at + 8);
      take();
    });
    f.get(sum).zeros().equal().allTrue();
  });
}

/** Defines (rows, from) -> rows of `count` numbers that hold one which is not finite. */
export function defineCountNotFinite(module: WasmModule, count: number): number {
  const judge = defineFinite(module, count);
  return module.define({ params: [I32, I32], results: [I32] }, (f) => {
    const found = f.local();
    f.countDown(0, () => {
      // found += 1 - judgement.
      f.get(found).i32(1).addI32().get(1).call(judge).put(0x6b).set(found);
      f.advance(1, count * LANE);
    });
    f.get(found);
  });
}

/** Walks `count` numbers by vectors; the last piece may have fewer lanes (0: all). Addresses may be moved. */
function eachPiece(
  f: FunctionBody,
  addresses: readonly number[],
  count: number,
  body: (at: number, lanes: number) => void,
): void {
  const vectors = Math.floor(count / 4);
  let done = 0;
  if (vectors > UNROLLED) {
    const left = f.local();
    f.i32(vectors).set(left);
    f.countDown(left, () => {
      body(0, 0);
      for (const address of addresses) f.advance(address, VECTOR);
    });
  } else {
    for (; done < vectors; done++) body(done * VECTOR, 0);
  }
  if (count % 4 > 0) body(done * VECTOR, count % 4);
}
