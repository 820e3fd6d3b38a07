/** A model file of ONNX holding one LSTM step, written by hand: protobuf is tags, lengths and bytes, and a binary in the repository would be opaque. */
export interface OnnxLstm {
  readonly inputSize: number;
  readonly hiddenSize: number;
  readonly batch: number;
  /** As in lstm-case.ts. */
  readonly parameters: Float32Array;
}

/** Inputs x (1 x B x I), h and c (1 x B x H); outputs nextH and nextC (1 x B x H). Operator set 14, IR version 8. */
export function onnxLstm({ inputSize: I, hiddenSize: H, batch: B, parameters }: OnnxLstm) {
  const Z = I + H;
  // ONNX has the gates in the order input, output, forget, candidate.
  const gates = [0, 3, 1, 2];
  const rows = gates.flatMap((gate) => Array.from({ length: H }, (_, k) => gate * H + k));
  const weights = new Float32Array(4 * H * I);
  const recurrent = new Float32Array(4 * H * H);
  // Twice 4H: one for the input's and one for the state's product; the second stays 0.
  const bias = new Float32Array(8 * H);
  rows.forEach((row, to) => {
    weights.set(parameters.subarray(row * Z, row * Z + I), to * I);
    recurrent.set(parameters.subarray(row * Z + I, (row + 1) * Z), to * H);
    bias[to] = parameters[4 * H * Z + row];
  });
  // NodeProto: 1 input (an empty name leaves out the lengths), 2 output, 4 operator, 5 attribute.
  const node = message(
    ...['x', 'weights', 'recurrent', 'bias', '', 'h', 'c'].map((name) => text(1, name)),
    ...['', 'nextH', 'nextC'].map((name) => text(2, name)),
    text(4, 'LSTM'),
    // AttributeProto: 1 name, 3 whole number, 20 type (2: whole number).
    bytes(5, message(text(1, 'hidden_size'), whole(3, H), whole(20, 2))),
  );
  // GraphProto: 1 node, 2 name, 5 initialiser, 11 input, 12 output.
  const graph = message(
    bytes(1, node),
    text(2, 'lstm'),
    bytes(5, tensor('weights', [1, 4 * H, I], weights)),
    bytes(5, tensor('recurrent', [1, 4 * H, H], recurrent)),
    bytes(5, tensor('bias', [1, 8 * H], bias)),
    bytes(11, value('x', [1, B, I])),
    bytes(11, value('h', [1, B, H])),
    bytes(11, value('c', [1, B, H])),
    bytes(12, value('nextH', [1, B, H])),
    bytes(12, value('nextC', [1, B, H])),
  );
  // ModelProto: 1 IR version, 7 graph, 8 operator set (2: its version).
  return Uint8Array.from(message(whole(1, 8), bytes(7, graph), bytes(8, message(whole(2, 14)))));
}

type Bytes = readonly number[];

/** TensorProto: 1 dimension, 2 type (1: float32), 8 name, 9 raw bytes, little-endian. */
function tensor(name: string, shape: readonly number[], numbers: Float32Array): Bytes {
  const raw = new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
  return message(...shape.map((size) => whole(1, size)), whole(2, 1), text(8, name), bytes(9, raw));
}

/** ValueInfoProto: 1 name, 2 type { 1 tensor { 1 element type, 2 shape { 1 dimension { 1 size } } } }. */
function value(name: string, shape: readonly number[]): Bytes {
  const sizes = message(...shape.map((size) => bytes(1, message(whole(1, size)))));
  const type = message(bytes(1, message(whole(1, 1), bytes(2, sizes))));
  return message(text(1, name), bytes(2, type));
}

/** A tree of small pieces is joined without spreading, since a tensor's bytes are more than a call takes arguments. */
function message(...fields: readonly Bytes[]): Bytes {
  return fields.flat();
}

function whole(field: number, number: number): Bytes {
  return [...varint(field * 8), ...varint(number)];
}

function bytes(field: number, content: Bytes | Uint8Array): Bytes {
  return [varint(field * 8 + 2), varint(content.length), Array.from(content)].flat();
}

function text(field: number, content: string): Bytes {
  return bytes(field, new TextEncoder().encode(content));
}

/** Seven bits a byte, the lowest first; the high bit says that more follow. */
function varint(number: number): Bytes {
  const out: number[] = [];
  let left = number;
  for (; left >= 128; left = Math.floor(left / 128)) out.push((left % 128) + 128);
  out.push(left);
  return out;
}
