/** Types of WebAssembly values, by their byte in the binary format (WebAssembly 2.0, section 5.3). */
export const I32 = 0x7f;
export const V128 = 0x7b;
export type ValueType = typeof I32 | typeof V128;

/** Bytes of a vector and of its lanes. */
export const VECTOR = 16;
export const LANE = 4;

/**
 * The instructions of one function, written one after the other. Methods leave the stack as the instruction does and return the
 * body, so that a line reads in the order of execution: `f.get(a).get(b).mul().set(c)`. Vector arithmetic is on four float32.
 */
export class FunctionBody {
  readonly instructions: number[] = [];
  private readonly types: ValueType[];
  private readonly paramCount: number;
  private readonly pooled: number[] = [];
  private readonly isFused: boolean;

  /** @param isFused whether a product and the sum it goes into are one instruction, whose bits are the machine's */
  constructor(params: readonly ValueType[], isFused = false) {
    this.isFused = isFused;
    this.types = [...params];
    this.paramCount = params.length;
  }

  /** A new local of its own, zero at first. */
  local(type: ValueType = I32): number {
    this.types.push(type);
    return this.types.length - 1;
  }

  /** Vector locals that every caller shares: what they hold is lost at the next use. */
  vectors(count: number): readonly number[] {
    while (this.pooled.length < count) this.pooled.push(this.local(V128));
    return this.pooled.slice(0, count);
  }

  get(local: number): this {
    return this.put(0x20).leb(local);
  }
  set(local: number): this {
    return this.put(0x21).leb(local);
  }
  tee(local: number): this {
    return this.put(0x22).leb(local);
  }

  i32(value: number): this {
    this.put(0x41);
    this.instructions.push(...signedLeb(value));
    return this;
  }
  /** Address or count arithmetic, and `local += bytes`. */
  addI32(): this {
    return this.put(0x6a);
  }
  multiplyI32(): this {
    return this.put(0x6c);
  }
  advance(local: number, bytes: number): this {
    return bytes === 0 ? this : this.get(local).i32(bytes).addI32().set(local);
  }
  /** Puts `address + index * bytes` on the stack. */
  address(address: number, index: number, bytes: number): this {
    return this.get(index).i32(bytes).multiplyI32().i32(address).addI32();
  }
  call(index: number): this {
    return this.put(0x10).leb(index);
  }

  /** Runs the body once, and again while `counter`, made one less after each run, is not 0. It must not be 0 at first. */
  countDown(counter: number, body: () => void): this {
    this.put(0x03, 0x40);
    body();
    return this.get(counter).i32(-1).addI32().tee(counter).put(0x0d).leb(0).put(0x0b);
  }
  /** Runs the body while `counter` is at least `step`, which is taken from it after each run. */
  whileAtLeast(counter: number, step: number, body: () => void): this {
    this.put(0x02, 0x40, 0x03, 0x40).get(counter).i32(step).put(0x49, 0x0d).leb(1);
    body();
    return this.advance(counter, -step).put(0x0c).leb(0).put(0x0b, 0x0b);
  }
  /** Takes a number off the stack and runs the body where it is not 0. */
  ifNotZero(body: () => void, otherwise?: () => void): this {
    this.put(0x04, 0x40);
    body();
    if (otherwise !== undefined) {
      this.put(0x05);
      otherwise();
    }
    return this.put(0x0b);
  }

  /** Memory: take an address; the offset is added to it. */
  load(offset: number): this {
    return this.memory(0x00, 2, offset);
  }
  /** Loads one float32 into all lanes. */
  loadSplat(offset: number): this {
    return this.memory(0x09, 2, offset);
  }
  /** Loads the first one or two lanes, the others become 0. */
  loadOne(offset: number): this {
    return this.memory(0x5c, 2, offset);
  }
  loadTwo(offset: number): this {
    return this.memory(0x5d, 2, offset);
  }
  loadI32(offset: number): this {
    return this.put(0x28, 2).leb(offset);
  }
  storeI32(offset: number): this {
    return this.put(0x36, 2).leb(offset);
  }

  /** Stores the first `lanes` numbers of a vector at `address + offset`: rows end where they end. 0 stands for all four. */
  store(address: number, vector: number, offset: number, lanes = 0): this {
    if (lanes === 0) return this.get(address).get(vector).memory(0x0b, 2, offset);
    if (lanes >= 2) this.get(address).get(vector).memory(0x5b, 2, offset).put(0);
    if (lanes === 1) this.get(address).get(vector).memory(0x5a, 2, offset).put(0);
    if (lanes === 3) {
      this.get(address)
        .get(vector)
        .memory(0x5a, 2, offset + 8)
        .put(2);
    }
    return this;
  }

  add(): this {
    return this.simd(0xe4);
  }
  /** Takes x off the stack and puts x * factor + term. */
  timesPlus(factor: () => void, term: () => void): this {
    factor();
    if (!this.isFused) this.mul();
    term();
    return this.isFused ? this.relaxedMultiplyAdd() : this.add();
  }
  /** Puts sum + a * b. */
  plusProduct(sum: () => void, a: () => void, b: () => void): this {
    if (!this.isFused) sum();
    a();
    b();
    if (!this.isFused) return this.mul().add();
    sum();
    return this.relaxedMultiplyAdd();
  }
  sub(): this {
    return this.simd(0xe5);
  }
  mul(): this {
    return this.simd(0xe6);
  }
  div(): this {
    return this.simd(0xe7);
  }
  /** Pseudo-minimum and -maximum: the first operand where it is NaN, and one instruction where min and max are many. */
  pseudoMin(): this {
    return this.simd(0xea);
  }
  pseudoMax(): this {
    return this.simd(0xeb);
  }
  equal(): this {
    return this.simd(0x41);
  }
  allTrue(): this {
    return this.simd(0xa3);
  }
  zeros(): this {
    return this.simd(0x0c).put(...new Array<number>(VECTOR).fill(0));
  }
  simd(opcode: number): this {
    return this.put(0xfd).leb(opcode);
  }

  put(...bytes: readonly number[]): this {
    this.instructions.push(...bytes);
    return this;
  }
  leb(value: number): this {
    this.instructions.push(...unsignedLeb(value));
    return this;
  }

  /** The function as the code section holds it: locals, instructions, end; its length comes first. */
  encode(): number[] {
    const locals = this.types.slice(this.paramCount).flatMap((type) => [1, type]);
    const count = unsignedLeb(this.types.length - this.paramCount);
    const length = count.length + locals.length + this.instructions.length + 1;
    return [...unsignedLeb(length), ...count, ...locals, ...this.instructions, 0x0b];
  }

  /** f32x4.relaxed_madd: a * b + c, rounded once where the processor can and twice elsewhere. */
  private relaxedMultiplyAdd(): this {
    return this.simd(0x105);
  }

  private memory(opcode: number, align: number, offset: number): this {
    return this.simd(opcode).leb(align).leb(offset);
  }
}

/** LEB128, the variable-length whole numbers of the binary format: seven bits a byte, the lowest first. */
export function unsignedLeb(value: number): number[] {
  const bytes: number[] = [];
  let left = value;
  while (left >= 0x80) {
    bytes.push((left & 0x7f) | 0x80);
    left = Math.floor(left / 128);
  }
  bytes.push(left);
  return bytes;
}

function signedLeb(value: number): number[] {
  const bytes: number[] = [];
  let left = value | 0;
  for (;;) {
    const low = left & 0x7f;
    left >>= 7;
    const isLast = (left === 0 && (low & 0x40) === 0) || (left === -1 && (low & 0x40) !== 0);
    bytes.push(isLast ? low : low | 0x80);
    if (isLast) return bytes;
  }
}
