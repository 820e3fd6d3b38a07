import { FunctionBody, I32, unsignedLeb, type ValueType } from './function-body.ts';

const PAGE_BYTES = 65_536;
/** Constants of vector arithmetic stand at the memory's start, before anything that is planned. */
export const CONSTANT_BYTES = 256;

export interface Signature {
  readonly params: readonly ValueType[];
  readonly results?: readonly ValueType[];
}

/**
 * A module under construction: functions in the order they were added, one memory that is exported as `memory` and never grows,
 * and the constants at its start. The same calls give the same bytes, on every machine.
 */
export class WasmModule {
  private readonly types: number[][] = [];
  private readonly typeOf: number[] = [];
  private readonly bodies: FunctionBody[] = [];
  private readonly exports: { readonly name: string; readonly index: number }[] = [];
  private readonly constants: number[] = [];
  private readonly isFused: boolean;

  /** @param isFused whether bodies multiply and add in one relaxed instruction: faster, and their bits are the machine's */
  constructor(isFused = false) {
    this.isFused = isFused;
  }

  /** @returns the function's index, for `call` */
  define(signature: Signature, build: (body: FunctionBody) => void): number {
    const body = new FunctionBody(signature.params, this.isFused);
    build(body);
    this.typeOf.push(this.typeIndex(signature));
    this.bodies.push(body);
    return this.bodies.length - 1;
  }

  /** `define` with i32 parameters and without a result: what most functions are. */
  routine(paramCount: number, build: (body: FunctionBody) => void): number {
    return this.define({ params: new Array<ValueType>(paramCount).fill(I32) }, build);
  }

  export(name: string, index: number): void {
    this.exports.push({ name, index });
  }

  /**
   * Where a float32 constant stands in memory. Constants are loaded, not written as literals: V8 makes a literal anew at each use.
   */
  constant(value: number): number {
    const rounded = Math.fround(value);
    const known = this.constants.indexOf(rounded);
    if (known >= 0) return 4 * known;
    if (4 * this.constants.length === CONSTANT_BYTES) {
      throw new RangeError(`at most ${CONSTANT_BYTES / 4} constants fit before the planned memory`);
    }
    this.constants.push(rounded);
    return 4 * this.constants.length - 4;
  }

  /** @param memoryBytes of which the first CONSTANT_BYTES are the constants' */
  encode(memoryBytes: number): Uint8Array<ArrayBuffer> {
    const pages = unsignedLeb(Math.ceil(memoryBytes / PAGE_BYTES));
    const constants = new Uint8Array(Float32Array.from(this.constants).buffer);
    const exported = this.exports.map(({ name, index }) => [
      ...text(name),
      0x00,
      ...unsignedLeb(index),
    ]);
    return Uint8Array.from([
      ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
      ...section(1, this.types),
      ...section(
        3,
        this.typeOf.map((type) => unsignedLeb(type)),
      ),
      ...section(5, [[0x01, ...pages, ...pages]]),
      ...section(7, [[...text('memory'), 0x02, 0x00], ...exported]),
      ...section(
        10,
        this.bodies.map((body) => body.encode()),
      ),
      ...section(11, [[0x00, 0x41, 0x00, 0x0b, ...unsignedLeb(constants.length), ...constants]]),
    ]);
  }

  private typeIndex({ params, results = [] }: Signature): number {
    const bytes = [0x60, params.length, ...params, results.length, ...results];
    const known = this.types.findIndex((type) => type.join() === bytes.join());
    if (known >= 0) return known;
    this.types.push(bytes);
    return this.types.length - 1;
  }
}

function section(id: number, items: readonly (readonly number[])[]): number[] {
  const content = [...unsignedLeb(items.length), ...items.flat()];
  return [id, ...unsignedLeb(content.length), ...content];
}

function text(value: string): number[] {
  const bytes = new TextEncoder().encode(value);
  return [...unsignedLeb(bytes.length), ...bytes];
}
