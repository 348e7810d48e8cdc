import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import type { Attribute, ConstantTensor, DataType, GraphDef, TensorInfo } from '../engine/graph/graph-def.ts';
import type { Traced } from '../engine/graph/trace.ts';
import { unfuse } from '../engine/graph/unfuse.ts';
import { writeFileAtomically } from '../files/write-file.ts';
import { unchanged, type GraphRunner, type WholeGraph } from './whole-graph.ts';

const require = createRequire(import.meta.url);

/** Where TensorFlow finds its files in a SavedModel's folder. */
const FILE = 'saved_model.pb';
/** Part of the name of every folder: another number where the same graph would be written differently. */
const FORMAT = 1;
/** An age of GraphDef that every TensorFlow 2 reads. */
const PRODUCER = 440;

/**
 * TensorFlow as what runs whole graphs.
 * @param folder says where the graphs may be kept for it to load (see `loadNativeGraph`); asked for each
 */
export const savedModels = (folder: () => string): GraphRunner => ({
  load: (graph) => loadNativeGraph(graph(), folder()),
  loadTraced: (traced) => loadTracedGraph(typeof traced === 'function' ? traced() : traced, folder()),
});

/**
 * Makes TensorFlow run a graph as a whole. Needs the native backend to be the one in use.
 *
 * tfjs-node loads whole graphs only from a SavedModel's folder, so the graph is written into one, with its
 * constants in it, under `folder`. The folder's name is a checksum of the content: the next start finds it there.
 *
 * @param folder where such folders may be kept; made where it is not there
 */
export async function loadNativeGraph(graph: GraphDef, folder: string): Promise<WholeGraph> {
  if (tf.getBackend() !== 'tensorflow') throw new Error('A whole graph can be run on the native backend only.');
  const { node } = require('@tensorflow/tfjs-node') as TfjsNode;
  const model = await node.loadSavedModel(await writeSavedModel(unfuse(graph), folder), ['serve'], 'serving_default');
  let disposed = false;
  return {
    run: (inputs) => model.predict({ ...inputs }),
    // As with tensors, a second time is none; tfjs-node throws.
    dispose() {
      if (!disposed) model.dispose();
      disposed = true;
    },
  };
}

/** The same for a recorded computation. It is fed its weights at each call, whose memory TensorFlow shares. */
async function loadTracedGraph(traced: Traced, folder: string): Promise<WholeGraph> {
  const native = await loadNativeGraph(traced.graph, folder);
  const assertUnchanged = unchanged(traced.weights.values());
  const fed = Object.fromEntries(traced.weights);
  return {
    run(inputs) {
      assertUnchanged();
      return native.run({ ...inputs, ...fed });
    },
    dispose: () => native.dispose(),
  };
}

/**
 * Writes a graph as a SavedModel, unless it is there already. What is there is compared with what should be: a crash or a
 * bad disk can leave other bytes under the right name, and TensorFlow would compute with them.
 * @returns the SavedModel's own folder, inside `folder`
 */
export async function writeSavedModel(graph: GraphDef, folder: string): Promise<string> {
  const bytes = serialize(graph);
  const home = join(folder, createHash('sha256').update(`${FORMAT} `).update(bytes).digest('hex').slice(0, 32));
  const file = join(home, FILE);
  const kept = await readFile(file).catch(() => undefined);
  if (!kept?.equals(bytes)) await writeFileAtomically(file, bytes);
  return home;
}

/** The bytes of a SavedModel whose one signature, "serving_default", has the graph's inputs and outputs. */
function serialize(graph: GraphDef): Uint8Array {
  const pb = require('@tensorflow/tfjs-node/dist/proto/api_pb.js') as Protobuf;
  const type = (name: DataType): number =>
    ({ float32: pb.DataType.DT_FLOAT, int32: pb.DataType.DT_INT32, bool: pb.DataType.DT_BOOL })[name];

  const shapeOf = (sizes: readonly number[]): Message => {
    const shape = new pb.TensorShape();
    for (const size of sizes) {
      const dim = new pb.TensorShape.Dim();
      dim.setSize(size);
      shape.addDim(dim);
    }
    return shape;
  };

  const tensorOf = ({ dataType, shape, data }: ConstantTensor): Message => {
    const tensor = new pb.Tensor();
    tensor.setDtype(type(dataType));
    tensor.setTensorShape(shapeOf(shape));
    // Little-endian on every machine that TensorFlow for Node runs on.
    tensor.setTensorContent(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    return tensor;
  };

  const attributeOf = (value: Attribute): Message => {
    const attribute = new pb.AttrValue();
    const list = new pb.AttrValue.ListValue();
    if ('type' in value) attribute.setType(type(value.type));
    else if ('int' in value) attribute.setI(value.int);
    else if ('float' in value) attribute.setF(value.float);
    else if ('bool' in value) attribute.setB(value.bool);
    else if ('text' in value) attribute.setS(utf8(value.text));
    else if ('shape' in value) attribute.setShape(shapeOf(value.shape));
    else if ('tensor' in value) attribute.setTensor(tensorOf(value.tensor));
    else {
      if ('ints' in value) list.setIList([...value.ints]);
      else if ('texts' in value) list.setSList(value.texts.map(utf8));
      else list.setTypeList(value.types.map(type));
      attribute.setList(list);
    }
    return attribute;
  };

  const infoOf = ({ node, dataType, shape }: TensorInfo): Message => {
    const info = new pb.TensorInfo();
    info.setName(node.includes(':') ? node : `${node}:0`);
    info.setDtype(type(dataType));
    info.setTensorShape(shapeOf(shape));
    return info;
  };

  const graphDef = new pb.GraphDef();
  const versions = new pb.VersionDef();
  versions.setProducer(PRODUCER);
  graphDef.setVersions(versions);
  for (const { name, op, inputs, attributes } of graph.nodes) {
    const node = new pb.NodeDef();
    node.setName(name);
    node.setOp(op);
    node.setInputList([...inputs]);
    for (const [key, value] of Object.entries(attributes)) node.getAttrMap().set(key, attributeOf(value));
    graphDef.addNode(node);
  }

  const signature = new pb.SignatureDef();
  signature.setMethodName('tensorflow/serving/predict');
  for (const [key, info] of Object.entries(graph.inputs)) signature.getInputsMap().set(key, infoOf(info));
  for (const [key, info] of Object.entries(graph.outputs)) signature.getOutputsMap().set(key, infoOf(info));

  const meta = new pb.MetaGraphDef();
  const information = new pb.MetaGraphDef.MetaInfoDef();
  information.setTagsList(['serve']);
  meta.setMetaInfoDef(information);
  meta.setGraphDef(graphDef);
  meta.getSignatureDefMap().set('serving_default', signature);

  const savedModel = new pb.SavedModel();
  savedModel.setSavedModelSchemaVersion(1);
  savedModel.addMetaGraphs(meta);
  return savedModel.serializeBinary();
}

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

/** The part of tfjs-node that is used here. Its own types cannot be imported: the package may be missing. */
interface TfjsNode {
  node: {
    loadSavedModel(
      path: string,
      tags: string[],
      signature: string,
    ): Promise<{ predict(inputs: tf.NamedTensorMap): tf.NamedTensorMap; dispose(): void }>;
  };
}

/** The setters that are used here of all the generated protobuf classes; a class has those of its own fields. */
type Setter =
  | ('addDim' | 'addMetaGraphs' | 'addNode' | 'setB' | 'setDtype' | 'setF' | 'setGraphDef' | 'setI' | 'setIList')
  | ('setInputList' | 'setList' | 'setMetaInfoDef' | 'setMethodName' | 'setName' | 'setOp' | 'setProducer' | 'setS')
  | ('setSList' | 'setSavedModelSchemaVersion' | 'setShape' | 'setSize' | 'setTagsList' | 'setTensor' | 'setType')
  | ('setTensorContent' | 'setTensorShape' | 'setTypeList' | 'setVersions');

type MapGetter = 'getAttrMap' | 'getInputsMap' | 'getOutputsMap' | 'getSignatureDefMap';

type Message = Record<Setter, (value: unknown) => void> &
  Record<MapGetter, () => { set(key: string, value: Message): void }> & { serializeBinary(): Uint8Array };

type MessageClass = new () => Message;

interface Protobuf {
  DataType: { DT_FLOAT: number; DT_INT32: number; DT_BOOL: number };
  AttrValue: MessageClass & { ListValue: MessageClass };
  GraphDef: MessageClass;
  MetaGraphDef: MessageClass & { MetaInfoDef: MessageClass };
  NodeDef: MessageClass;
  SavedModel: MessageClass;
  SignatureDef: MessageClass;
  Tensor: MessageClass;
  TensorInfo: MessageClass;
  TensorShape: MessageClass & { Dim: MessageClass };
  VersionDef: MessageClass;
}
