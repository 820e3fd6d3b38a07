/** Bytes after the head of what holds no other value, by its first byte (MessagePack spec, formats); strings and the like come below. */
const FIXED: ReadonlyMap<number, number> = new Map([
  ...[0xc0, 0xc1, 0xc2, 0xc3].map((head) => [head, 0] as const),
  ...[1, 2, 4, 8].flatMap((size, k) => [[0xcc + k, size] as const, [0xd0 + k, size] as const]),
  ...[2, 3, 5, 9, 17].map((size, k) => [0xd4 + k, size] as const),
  [0xca, 4],
  [0xcb, 8],
]);
/** How many bytes say the length, and what is added to it: extensions have a type of one byte. */
const SIZED: ReadonlyMap<number, readonly [lengthBytes: number, more: number]> = new Map(
  [1, 2, 4].flatMap((bytes, k): [number, [number, number]][] => [
    [0xc4 + k, [bytes, 0]],
    [0xc7 + k, [bytes, 1]],
    [0xd9 + k, [bytes, 0]],
  ]),
);

/**
 * Whether arrays and maps of a MessagePack message lie in each other deeper than so. A decoder keeps a state for each level: 60 KB
 * of heads would cost it many megabytes. What is no MessagePack is left to the decoder.
 */
export function isNestedDeeper(bytes: Uint8Array, most: number): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  /** Values that are still to come, of each level. */
  const left: number[] = [];
  for (let at = 0; at < bytes.length; ) {
    const { next, values } = readHead(view, at);
    while (left.length > 0 && left[left.length - 1] === 0) left.pop();
    if (left.length > 0) left[left.length - 1] -= 1;
    if (values !== null && left.push(values) > most) return true;
    at = next;
  }
  return false;
}

interface Head {
  /** Where the next value begins. */
  readonly next: number;
  /** Of an array or a map; null for what holds none. */
  readonly values: number | null;
}

function readHead(view: DataView, at: number): Head {
  const head = view.getUint8(at);
  const first = at + 1;
  if (head < 0x80 || head >= 0xe0) return { next: first, values: null };
  if (head < 0x90) return { next: first, values: 2 * (head & 15) };
  if (head < 0xa0) return { next: first, values: head & 15 };
  if (head < 0xc0) return { next: first + (head & 31), values: null };
  if (head >= 0xdc) {
    const lengthBytes = head % 2 === 0 ? 2 : 4;
    const each = head < 0xde ? 1 : 2;
    return { next: first + lengthBytes, values: each * lengthAt(view, first, lengthBytes) };
  }
  const [lengthBytes, more] = SIZED.get(head) ?? [0, FIXED.get(head) ?? 0];
  return { next: first + lengthBytes + more + lengthAt(view, first, lengthBytes), values: null };
}

/** 0 where the message ends before it. */
function lengthAt(view: DataView, at: number, bytes: number): number {
  if (bytes === 0 || at + bytes > view.byteLength) return 0;
  if (bytes === 1) return view.getUint8(at);
  return bytes === 2 ? view.getUint16(at) : view.getUint32(at);
}
