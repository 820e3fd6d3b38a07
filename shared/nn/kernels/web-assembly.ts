/** The part of the host's WebAssembly that the kernels need; the language's own library does not declare it. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  readonly Instance: new (
    module: object,
  ) => { readonly exports: Readonly<Record<string, unknown>> };
  validate(bytes: Uint8Array<ArrayBuffer>): boolean;
};

/** A function of an instance: whole numbers or floats in, at most one number out. */
export type WasmFunction = (...args: readonly number[]) => number;

export interface WasmInstance {
  readonly memory: ArrayBuffer;
  function(name: string): WasmFunction;
}

/** Compiled bytes, of which any number of instances can be started. */
export type CompiledModule = object;

export function compile(bytes: Uint8Array<ArrayBuffer>): CompiledModule {
  return new WebAssembly.Module(bytes);
}

/** Starts a module, at once and without a host object; its memory is its own. */
export function instantiate(module: CompiledModule): WasmInstance {
  const { exports } = new WebAssembly.Instance(module);
  const { buffer } = exports['memory'] as { readonly buffer: ArrayBuffer };
  return { memory: buffer, function: (name) => exports[name] as WasmFunction };
}

// () -> v128 of i32.const 0, i32x4.splat: valid only where vectors are known.
const VECTOR_PROBE = Uint8Array.of(
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
  ...[0x01, 0x05, 0x01, 0x60, 0x00, 0x01, 0x7b],
  ...[0x03, 0x02, 0x01, 0x00],
  ...[0x0a, 0x08, 0x01, 0x06, 0x00, 0x41, 0x00, 0xfd, 0x11, 0x0b],
);

// () -> v128 of three vectors of 0, f32x4.relaxed_madd.
const FUSED_PROBE = Uint8Array.of(
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
  ...[0x01, 0x05, 0x01, 0x60, 0x00, 0x01, 0x7b],
  ...[0x03, 0x02, 0x01, 0x00],
  ...[0x0a, 0x13, 0x01, 0x11, 0x00],
  ...[0x41, 0x00, 0xfd, 0x11, 0x41, 0x00, 0xfd, 0x11, 0x41, 0x00, 0xfd, 0x11],
  ...[0xfd, 0x85, 0x02, 0x0b],
);

/** Whether this host runs relaxed vector instructions: Node from 22. */
export function hasFusedVectors(): boolean {
  return typeof WebAssembly === 'object' && WebAssembly.validate(FUSED_PROBE);
}

/** Whether this host runs vector instructions: Node from 16, browsers from 2021 (Safari 2023). */
export function hasVectors(): boolean {
  return typeof WebAssembly === 'object' && WebAssembly.validate(VECTOR_PROBE);
}
