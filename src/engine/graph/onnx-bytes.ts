import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import type { OnnxAttribute, OnnxGraph, OnnxNode, OnnxTensor, OnnxType, OnnxValue } from './onnx-graph.ts';

/** The version of the file format, and of the operators: what ONNX 1.13 (December 2022) and everything since reads. */
const IR_VERSION = 8;
export const OPSET = 18;

/** TensorProto.DataType of onnx.proto. */
const TYPES: Record<OnnxType, number> = { float16: 10, float32: 1, int32: 6, int64: 7, bool: 9 };

/** AttributeProto.AttributeType of onnx.proto. */
const KINDS = { float: 1, int: 2, text: 3, graph: 5, ints: 7 } as const;

/** Whether a tensor's numbers lie outside the file: where its place says, or else under its own name. */
type IsOutside = (tensor: OnnxTensor) => boolean;

/**
 * The bytes of a .onnx file: a ModelProto (onnx.proto, whose field numbers these are).
 * @param isOutside which tensors are given to the reader by other ways; left out: none
 */
export function onnxBytes(graph: OnnxGraph, isOutside: IsOutside = () => false): Uint8Array<ArrayBuffer> {
  const writer = new BinaryWriter();
  writer.tag(1, WireType.Varint).int64(IR_VERSION);
  text(writer, 2, 'attend');
  message(writer, 7, () => graphFields(writer, graph, isOutside));
  message(writer, 8, () => {
    // The empty domain is ONNX's own.
    text(writer, 1, '');
    writer.tag(2, WireType.Varint).int64(OPSET);
  });
  return writer.finish();
}

/** The numbers of a tensor as they lie in a file. Little-endian, as every machine that this runs on is. */
export function onnxNumbers({ data }: OnnxTensor): Uint8Array<ArrayBuffer> {
  const numbers = ArrayBuffer.isView(data) ? data : BigInt64Array.from(data, BigInt);
  return new Uint8Array(numbers.buffer as ArrayBuffer, numbers.byteOffset, numbers.byteLength);
}

function graphFields(writer: BinaryWriter, graph: OnnxGraph, isOutside: IsOutside): void {
  const { initializers, inputs, name, nodes, outputs } = graph;
  for (const node of nodes) message(writer, 1, () => nodeFields(writer, node, isOutside));
  text(writer, 2, name);
  for (const tensor of initializers) message(writer, 5, () => tensorFields(writer, tensor, isOutside(tensor)));
  const fed = initializers.filter(({ mayBeFed = false }) => mayBeFed);
  for (const value of [...inputs, ...fed]) message(writer, 11, () => valueFields(writer, value));
  for (const value of outputs) message(writer, 12, () => valueFields(writer, value));
}

function nodeFields(writer: BinaryWriter, { attributes, inputs, op, outputs }: OnnxNode, isOutside: IsOutside): void {
  for (const input of inputs) text(writer, 1, input);
  for (const output of outputs) text(writer, 2, output);
  text(writer, 3, outputs[0] ?? '');
  text(writer, 4, op);
  for (const [name, value] of Object.entries(attributes)) {
    message(writer, 5, () => {
      text(writer, 1, name);
      attributeFields(writer, value, isOutside);
    });
  }
}

function attributeFields(writer: BinaryWriter, value: OnnxAttribute, isOutside: IsOutside): void {
  if ('float' in value) writer.tag(2, WireType.Bit32).float(value.float);
  else if ('int' in value) writer.tag(3, WireType.Varint).int64(value.int);
  else if ('text' in value) text(writer, 4, value.text);
  else if ('graph' in value) message(writer, 6, () => graphFields(writer, value.graph, isOutside));
  else for (const each of value.ints) writer.tag(8, WireType.Varint).int64(each);
  const [kind] = Object.keys(value) as [keyof typeof KINDS];
  writer.tag(20, WireType.Varint).int32(KINDS[kind]);
}

function tensorFields(writer: BinaryWriter, tensor: OnnxTensor, outside: boolean): void {
  const { name, place, shape, type } = tensor;
  for (const size of shape) writer.tag(1, WireType.Varint).int64(size);
  writer.tag(2, WireType.Varint).int32(TYPES[type]);
  text(writer, 8, name);
  if (!outside) {
    writer.tag(9, WireType.LengthDelimited).bytes(onnxNumbers(tensor));
    return;
  }
  const { name: location, offset } = place?.file ?? { name, offset: 0 };
  const length = place?.bytes ?? onnxNumbers(tensor).byteLength;
  for (const [key, value] of Object.entries({ location, offset: String(offset), length: String(length) })) {
    message(writer, 13, () => {
      text(writer, 1, key);
      text(writer, 2, value);
    });
  }
  const external = 1;
  writer.tag(14, WireType.Varint).int32(external);
}

function valueFields(writer: BinaryWriter, { name, shape, type }: OnnxValue): void {
  text(writer, 1, name);
  message(writer, 2, () =>
    message(writer, 1, () => {
      writer.tag(1, WireType.Varint).int32(TYPES[type]);
      message(writer, 2, () => {
        for (const size of shape) {
          message(writer, 1, () => {
            if (typeof size === 'string') text(writer, 2, size);
            else writer.tag(1, WireType.Varint).int64(size);
          });
        }
      });
    }),
  );
}

function message(writer: BinaryWriter, field: number, content: () => void): void {
  writer.tag(field, WireType.LengthDelimited).fork();
  content();
  writer.join();
}

function text(writer: BinaryWriter, field: number, value: string): void {
  writer.tag(field, WireType.LengthDelimited).string(value);
}
