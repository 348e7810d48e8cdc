import * as tf from '@tensorflow/tfjs-core';
import { MAX_FLOAT16, fromFloat16s, toFloat16 } from '../float16.ts';
import { constantOf } from './graph-def.ts';
import type { Attribute, ConstantTensor, DataType, GraphDef, NodeDef, TensorInfo } from './graph-def.ts';

type Json = Record<string, unknown>;

const TYPE_NAMES: Record<DataType, string> = { float32: 'DT_FLOAT', int32: 'DT_INT32', bool: 'DT_BOOL' };

/**
 * A graph as a tfjs graph model, which tf.loadGraphModel reads: the topology in protobuf's JSON, the
 * constants beside it, floats in half precision.
 *
 * @param metadata what else the reader needs to know; comes back as the loaded model's `metadata`
 * @throws Error where a weight does not fit half precision
 */
export function toGraphModel(graph: GraphDef, metadata: Record<string, object> = {}): tf.io.ModelArtifacts {
  const constants = graph.nodes.filter((node) => node.op === 'Const');
  const parts = constants.map((node) => bytesOf(node.name, constantOf(node)));
  const weightData = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    weightData.set(part, offset);
    offset += part.length;
  }
  return {
    format: 'graph-model',
    modelTopology: { node: graph.nodes.map(nodeToJson), library: {}, versions: { producer: 440 } },
    signature: { inputs: signatureToJson(graph.inputs), outputs: signatureToJson(graph.outputs) },
    weightSpecs: constants.map((node) => weightSpec(node.name, constantOf(node))),
    weightData: weightData.buffer,
    userDefinedMetadata: metadata,
  };
}

/**
 * The graph of a tfjs graph model, with its weights as constants.
 * @throws Error where the model holds what a GraphDef here cannot say
 */
export function fromGraphModel(artifacts: tf.io.ModelArtifacts): GraphDef {
  const { modelTopology, signature, weightSpecs, weightData } = artifacts;
  const nodes = (modelTopology as { node?: Json[] } | undefined)?.node;
  if (!nodes || !signature || !weightSpecs || !weightData) {
    throw new Error('The graph model lacks its topology, its signature or its weights.');
  }
  const bytes = joined(weightData);
  const values = new Map<string, ConstantTensor>();
  let offset = 0;
  for (const spec of weightSpecs) {
    const value = readWeight(spec, bytes, offset);
    values.set(spec.name, value.tensor);
    offset = value.end;
  }
  const { inputs, outputs } = signature as { inputs: Json; outputs: Json };
  return {
    nodes: nodes.map((node) => nodeFromJson(node, values)),
    inputs: signatureFromJson(inputs),
    outputs: signatureFromJson(outputs),
  };
}

/** The two files of a graph model: `model.json` and the weights, which it names. */
export interface GraphModelFiles {
  json: Uint8Array;
  weights: Uint8Array;
}

/** Graph model to files. @param weightsName the name under which the caller writes the weights */
export function toFiles(artifacts: tf.io.ModelArtifacts, weightsName: string): GraphModelFiles {
  const { weightData, weightSpecs, ...rest } = artifacts;
  const json = { ...rest, weightsManifest: [{ paths: [weightsName], weights: weightSpecs }] };
  return { json: new TextEncoder().encode(JSON.stringify(json)), weights: joined(weightData as tf.io.WeightData) };
}

/** Files to graph model. @throws Error where they are not a graph model or do not belong together */
export function fromFiles({ json, weights }: GraphModelFiles): tf.io.ModelArtifacts {
  let parsed: tf.io.ModelArtifacts & { weightsManifest?: { weights?: tf.io.WeightsManifestEntry[] }[] };
  try {
    parsed = JSON.parse(new TextDecoder().decode(json)) as typeof parsed;
  } catch {
    throw new Error('The graph model is not JSON.');
  }
  const { weightsManifest, ...rest } = parsed;
  const weightSpecs = weightsManifest?.flatMap((group) => group.weights ?? []);
  if (!rest.modelTopology || !weightSpecs) throw new Error('The JSON is not a tfjs graph model.');
  refuseOperations(rest.modelTopology);
  const expected = weightSpecs.reduce((sum, spec) => sum + byteLength(spec), 0);
  if (weights.length !== expected) {
    throw new Error(`The graph model's weights have ${weights.length} bytes; ${expected} are expected.`);
  }
  const { buffer } = weights;
  const isWhole = buffer instanceof ArrayBuffer && weights.byteLength === buffer.byteLength;
  return { ...rest, weightSpecs, weightData: isWhole ? buffer : weights.slice().buffer };
}

/**
 * The operations that our own graph models are made of. TensorFlow has others that read and write files: a model from
 * elsewhere could do as the user what it wanted.
 */
const OPERATIONS: ReadonlySet<string> = new Set([
  ...['Placeholder', 'Const', 'Identity', 'Reshape'],
  ...['_FusedConv2D', 'FusedDepthwiseConv2dNative', 'Conv2D', 'DepthwiseConv2dNative', 'BiasAdd', 'Relu', 'Relu6'],
  ...['AddV2', 'Mul', 'Sub', 'Mean', 'ConcatV2'],
]);

/** @throws Error that names an operation that is not of these */
function refuseOperations(topology: object): void {
  const { node: nodes, library } = topology as { node?: unknown; library?: { function?: unknown[] } };
  if (!Array.isArray(nodes)) throw new Error('The JSON is not a tfjs graph model.');
  const foreign = (nodes as { op?: unknown }[]).find(({ op }) => typeof op !== 'string' || !OPERATIONS.has(op));
  if (foreign) {
    throw new Error(
      `The encoder has the operation "${String(foreign.op).slice(0, 60)}", which no encoder needs: it is not run.`,
    );
  }
  if ((library?.function ?? []).length > 0) throw new Error('The encoder has functions of its own: they are not run.');
}

function nodeToJson(node: NodeDef): Json {
  // A constant's numbers lie in the file of weights; the topology only says what they are.
  const attr = Object.entries(node.attributes).map(([name, value]) => [name, attributeToJson(value)] as const);
  return { name: node.name, op: node.op, input: [...node.inputs], attr: Object.fromEntries(attr) };
}

function attributeToJson(value: Attribute): Json {
  if ('type' in value) return { type: TYPE_NAMES[value.type] };
  if ('types' in value) return { list: { type: value.types.map((type) => TYPE_NAMES[type]) } };
  if ('int' in value) return { i: String(value.int) };
  if ('ints' in value) return { list: { i: value.ints.map(String) } };
  if ('float' in value) return { f: value.float };
  if ('bool' in value) return { b: value.bool };
  if ('text' in value) return { s: toBase64(value.text) };
  if ('texts' in value) return { list: { s: value.texts.map(toBase64) } };
  if ('shape' in value) return { shape: shapeToJson(value.shape) };
  const { dataType, shape } = value.tensor;
  return { tensor: { dtype: TYPE_NAMES[dataType], tensorShape: shapeToJson(shape) } };
}

function nodeFromJson(json: Json, values: ReadonlyMap<string, ConstantTensor>): NodeDef {
  const name = String(json.name);
  const attributes: Record<string, Attribute> = {};
  for (const [key, value] of Object.entries((json.attr ?? {}) as Record<string, Json>)) {
    if ('tensor' in value) {
      const tensor = values.get(name);
      if (!tensor) throw new Error(`The graph model lacks the weights of ${name}.`);
      attributes[key] = { tensor };
    } else {
      attributes[key] = attributeFromJson(`${name}, ${key}`, value);
    }
  }
  return { name, op: String(json.op), inputs: (json.input ?? []) as string[], attributes };
}

function attributeFromJson(where: string, json: Json): Attribute {
  const list = json.list as Record<string, unknown[]> | undefined;
  if (list?.type) return { types: list.type.map(dataTypeOf) };
  if (list?.s) return { texts: list.s.map(fromBase64) };
  if (list) return { ints: (list.i ?? []).map(Number) };
  if ('type' in json) return { type: dataTypeOf(json.type) };
  if ('i' in json) return { int: Number(json.i) };
  if ('f' in json) return { float: Number(json.f) };
  if ('b' in json) return { bool: Boolean(json.b) };
  if ('s' in json) return { text: fromBase64(json.s) };
  if ('shape' in json) return { shape: shapeFromJson(json.shape) };
  throw new Error(`The graph model has an attribute of an unknown kind (${where}).`);
}

const signatureToJson = (tensors: Readonly<Record<string, TensorInfo>>): Json =>
  Object.fromEntries(
    Object.entries(tensors).map(([key, { node, dataType, shape }]) => [
      key,
      { name: node.includes(':') ? node : `${node}:0`, dtype: TYPE_NAMES[dataType], tensorShape: shapeToJson(shape) },
    ]),
  );

const signatureFromJson = (json: Json): Record<string, TensorInfo> =>
  Object.fromEntries(
    Object.entries(json as Record<string, Json>).map(([key, { name, dtype, tensorShape }]) => [
      key,
      {
        node: String(name).replace(/:0$/, ''),
        dataType: dataTypeOf(dtype),
        shape: shapeFromJson(tensorShape),
      },
    ]),
  );

const shapeToJson = (shape: readonly number[]): Json => ({ dim: shape.map((size) => ({ size: String(size) })) });

const shapeFromJson = (json: unknown): number[] =>
  ((json as { dim?: { size: unknown }[] } | undefined)?.dim ?? []).map(({ size }) => Number(size));

function dataTypeOf(name: unknown): DataType {
  for (const [dataType, typeName] of Object.entries(TYPE_NAMES)) {
    if (name === typeName) return dataType as DataType;
  }
  throw new Error(`The graph model uses the number type ${String(name)}, which is not known here.`);
}

const toBase64 = (text: string): string => btoa(text);
const fromBase64 = (text: unknown): string => atob(String(text));

const isHalved = ({ dataType, exact }: ConstantTensor): boolean => dataType === 'float32' && !exact;

function weightSpec(name: string, value: ConstantTensor): tf.io.WeightsManifestEntry {
  const spec = { name, shape: [...value.shape], dtype: value.dataType };
  return isHalved(value) ? { ...spec, quantization: { dtype: 'float16' } } : spec;
}

const byteLength = (spec: tf.io.WeightsManifestEntry): number =>
  spec.shape.reduce((a, b) => a * b, 1) * (spec.dtype === 'bool' ? 1 : spec.quantization?.dtype === 'float16' ? 2 : 4);

function bytesOf(name: string, value: ConstantTensor): Uint8Array {
  const { dataType, data } = value;
  if (dataType === 'bool') return Uint8Array.from(data);
  const halved = isHalved(value);
  const bytes = new Uint8Array(data.length * (halved ? 2 : 4));
  const view = new DataView(bytes.buffer);
  data.forEach((number, i) => {
    if (dataType === 'int32') view.setInt32(4 * i, number, true);
    else if (!halved) view.setFloat32(4 * i, number, true);
    else if (Math.abs(number) <= MAX_FLOAT16) view.setUint16(2 * i, toFloat16(number), true);
    else throw new Error(`The weight ${name} holds ${number}, which half precision cannot hold.`);
  });
  return bytes;
}

function readWeight(
  spec: tf.io.WeightsManifestEntry,
  bytes: Uint8Array,
  offset: number,
): { tensor: ConstantTensor; end: number } {
  const { name, shape, dtype, quantization } = spec;
  const end = offset + byteLength(spec);
  if (end > bytes.length) throw new Error(`The graph model's weights end inside ${name}.`);
  const stored = bytes.subarray(offset, end);
  if (dtype === 'float32' && quantization?.dtype === 'float16') return { tensor: halved(shape, stored), end };
  // A copy lies on an address that every typed array accepts. Little-endian, as all machines that run this are.
  const own = new Uint8Array(stored);
  const tensor = (data: ConstantTensor['data']) => ({ tensor: { dataType: dtype as DataType, shape, data }, end });
  if (dtype === 'bool') return tensor(own);
  if (dtype === 'int32' && !quantization) return tensor(new Int32Array(own.buffer));
  if (dtype === 'float32' && !quantization) return tensor(new Float32Array(own.buffer));
  throw new Error(`The weight ${name} is stored in a way that is not known here (${dtype}).`);
}

/** Floats in half precision, which become whole ones where somebody asks for them. */
function halved(shape: readonly number[], bytes: Uint8Array): ConstantTensor {
  let data: Float32Array | undefined;
  return {
    dataType: 'float32',
    shape,
    place: { bytes: bytes.length, type: 'float16', read: () => bytes },
    get data() {
      return (data ??= fromFloat16s(new Uint16Array(new Uint8Array(bytes).buffer)));
    },
  };
}

function joined(data: tf.io.WeightData): Uint8Array {
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  return new Uint8Array(tf.io.CompositeArrayBuffer.join(data));
}
