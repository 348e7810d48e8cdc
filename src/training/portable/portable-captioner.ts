import * as tf from '@tensorflow/tfjs-core';
import { isTrained, loadCaptioner, trainedEncoder } from '../../captioning/captioner-model.ts';
import { recurrent, type CaptionerModel } from '../../captioning/ready-captioner.ts';
import { loadCheckpoint } from '../../engine/checkpoint/checkpoint.ts';
import { constantOf } from '../../engine/graph/graph-def.ts';
import type { OnnxGraph } from '../../engine/graph/onnx-graph.ts';
import type { Captioner } from '../../engine/models/captioner.ts';
import type { ShowAttendTell } from '../../engine/models/show-attend-tell.ts';
import { fromGraphModel } from '../../engine/graph/tfjs-graph-model.ts';
import { DirectoryStore } from '../../model-folders/directory-store.ts';
import { readEncoder } from '../../model-folders/encoder-files.ts';
import { writeModelFolder, type Exported } from '../../model-folders/model-folder.ts';
import { loadNativeCaptioner } from '../../native/captioner-graphs.ts';
import { loadNativeEncoder } from '../../native/encoder-graph.ts';
import { loadTracedEncoder } from '../../native/traced-encoder.ts';
import { collectGraphs } from './collect-graphs.ts';
import { describeGraphs, findPortable, onnxFiles, writeFiles, type PortableFormat } from './portable-folder.ts';
import { writePortableVision } from './portable-vision.ts';
import { safetensorsBytes } from './safetensors-bytes.ts';

/**
 * Writes a captioner for other programs: its graphs as ONNX, with their inputs and outputs described and an example in
 * Python, or its weights as safetensors; and what they need to know beside it, in `config.json`.
 *
 * @param source a model's folder or name, a training run's folder, or one of its checkpoints'
 * @throws Error where there is no captioner or the folder cannot be written
 */
export async function writePortableCaptioner(
  source: string,
  target: string,
  format: PortableFormat,
): Promise<Exported> {
  const folder = await findPortable(source, 'captioner');
  const loaded = await loadCaptioner(folder);
  if (!loaded.captioner) {
    try {
      if (loaded.vision && format === 'onnx') return await writePortableVision(loaded, loaded.vision, target);
      if (loaded.showAttendTell && format === 'onnx')
        return await writeTutorials(loaded, loaded.showAttendTell, target);
    } finally {
      loaded.dispose();
    }
    throw new Error(`${loaded.name} is a model that others published: take it as they publish it.`);
  }
  const model = recurrent(loaded);
  const checkpoint = await loadCheckpoint(new DirectoryStore(folder));
  try {
    const trained = isTrained(checkpoint);
    const artifacts = trained ? await trainedEncoder(checkpoint) : await readEncoder(folder);
    const common = describingFiles(model, model.captioner);
    if (format === 'safetensors') {
      const weights = [...checkpoint.weights].map(
        ([name, x]) => [name, { shape: x.shape, data: x.dataSync<'float32'>() }] as const,
      );
      const encoder = trained ? [] : encoderWeights(artifacts);
      const files = { ...common, 'model.safetensors': safetensorsBytes([...weights, ...encoder]) };
      const card = (name: string): string => `# ${name}\n\n${WEIGHTS}`;
      return await writeModelFolder(target, (into) => writeFiles(into, files), undefined, card);
    }
    const { graphs, runner } = collectGraphs();
    await loadNativeEncoder(artifacts, runner);
    await loadNativeCaptioner(model.captioner, runner);
    return await writeGraphs(model, model.captioner, graphs, target);
  } finally {
    tf.dispose([...checkpoint.weights.values()]);
    model.dispose();
  }
}

/** The tutorial's captioner, whose weights its authors publish. */
async function writeTutorials(
  model: CaptionerModel,
  { captioner, encoder }: NonNullable<CaptionerModel['showAttendTell']>,
  target: string,
): Promise<Exported> {
  const { graphs, runner } = collectGraphs();
  await loadTracedEncoder(encoder, runner);
  await loadNativeCaptioner(captioner, runner);
  return writeGraphs(model, captioner, graphs, target);
}

/** A captioner with an LSTM. */
type Writer = Pick<Captioner | ShowAttendTell, 'config'>;

function writeGraphs(
  model: CaptionerModel,
  captioner: Writer,
  graphs: ReadonlyMap<string, OnnxGraph>,
  target: string,
): Promise<Exported> {
  const files = { ...describingFiles(model, captioner), ...onnxFiles(graphs), 'caption.py': EXAMPLE };
  const card = (name: string): string => cardOf(name, model, captioner, graphs);
  return writeModelFolder(target, (into) => writeFiles(into, files), undefined, card);
}

/** What other programs must know beside weights or graphs. */
function describingFiles(
  { decoding, encoder, name, resample = 'lanczos3', vocabulary }: CaptionerModel,
  { config }: Writer,
): Record<string, unknown> {
  return {
    'config.json': {
      name,
      captioner: config,
      decoding,
      // What no caption contains.
      forbidden: vocabulary.forbidden,
      image: { size: encoder.inputSize, resize: 'squash', filter: resample, range: [0, 255] },
    },
    'vocabulary.txt': `${vocabulary.words.join('\n')}\n`,
  };
}

/** The constants of an encoder's graph, by the names of their nodes. */
function encoderWeights(artifacts: tf.io.ModelArtifacts): [string, { shape: readonly number[]; data: Float32Array }][] {
  return fromGraphModel(artifacts).nodes.flatMap((node) => {
    if (node.op !== 'Const') return [];
    const { data, shape } = constantOf(node);
    return data instanceof Float32Array ? [[`encoder/${node.name}`, { shape, data }]] : [];
  });
}

const WEIGHTS = `The weights as float32, by the names of Attend's layers: \`encoder/...\` of the convolutional network (kernels [height,
width, in, out]), the others of the captioner (matrices [in, out]). \`config.json\` has sizes and choices, \`vocabulary.txt\` a
word a line, in the order of their ids.
`;

const cardOf = (
  name: string,
  { encoder }: CaptionerModel,
  { config }: Writer,
  graphs: ReadonlyMap<string, OnnxGraph>,
): string =>
  `# ${name}

A captioner after _Show, Attend and Tell_ as ONNX. Photos go into \`encoder.onnx\` at ${encoder.inputSize} x ${encoder.inputSize}, the whole photo
squashed, RGB in 0 to 255. Its grid, as [photos, ${config.grid.join(' * ')}, ${config.featureSize}], goes into \`start.onnx\`, once a photo; then \`step.onnx\` is run
for every word. \`rows\` says which row of \`h\` and \`c\` each row goes on from (0, 1, 2 ... where nothing changes places); \`tokens\`
are the words fed, first ${config.startToken}, and ${config.endToken} ends a caption. \`weights\` is where the model looked, cell by cell from the top left.
\`vocabulary.txt\` has a word a line, in the order of their ids.

\`python caption.py PHOTO\` (numpy, onnxruntime, Pillow) is an example that takes the likeliest word each time.

${describeGraphs(graphs)}`;

const EXAMPLE = `"""Captions a photo: python caption.py PHOTO"""
import json, pathlib, sys
import numpy as np, onnxruntime as ort
from PIL import Image

here = pathlib.Path(__file__).parent
config = json.loads((here / "config.json").read_text())
words = (here / "vocabulary.txt").read_text().splitlines()
encoder, start, step = (ort.InferenceSession(here / f"{name}.onnx") for name in ("encoder", "start", "step"))
size, shape = config["image"]["size"], config["captioner"]
filters = {"linear": Image.BILINEAR, "cubic": Image.BICUBIC, "lanczos3": Image.LANCZOS}

photo = Image.open(sys.argv[1]).convert("RGB").resize((size, size), filters[config["image"]["filter"]])
(grid,) = encoder.run(None, {"pixels": np.asarray(photo, np.float32)[None]})
features = grid.reshape(1, -1, shape["featureSize"])
state = dict(zip((output.name for output in start.get_outputs()), start.run(None, {"features": features})))
token, caption = shape["startToken"], []
while len(caption) < config["decoding"]["maxLength"]:
    fed = {"rows": np.zeros(1, np.int32), "tokens": np.array([token], np.int32), **state}
    given = {name: fed[name] for name in (value.name for value in step.get_inputs())}
    out = dict(zip((output.name for output in step.get_outputs()), step.run(None, given)))
    state.update(h=out["next_h"], c=out["next_c"])
    out["logProbabilities"][0, config["forbidden"]] = -np.inf
    token = int(out["logProbabilities"][0].argmax())
    if token == shape["endToken"]:
        break
    caption.append(words[token])
print(" ".join(caption))
`;
