import { referenceKernel } from '#shared/nn/kernels/reference.ts';
import { wasmKernel } from '#shared/nn/kernels/wasm.ts';
import { kernelContract } from '#test/contract/kernel.contract.ts';

kernelContract('wasm', wasmKernel(), referenceKernel(Float64Array));
kernelContract('wasm-fma', wasmKernel('wasm-fma'), referenceKernel(Float64Array));
