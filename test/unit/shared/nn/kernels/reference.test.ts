import { referenceKernel } from '#shared/nn/kernels/reference.ts';
import { kernelContract } from '#test/contract/kernel.contract.ts';

kernelContract('reference in float32', referenceKernel(), referenceKernel(Float64Array));
