import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CaptionerModel } from '../../captioning/ready-captioner.ts';
import type { OnnxGraph } from '../../engine/graph/onnx-graph.ts';
import type { VisionCaptioner } from '../../engine/models/vision-captioner.ts';
import { writeModelFolder, type Exported } from '../../model-folders/model-folder.ts';
import { loadNativeVision } from '../../native/vision-graphs.ts';
import { collectGraphs } from './collect-graphs.ts';
import { describeGraphs, onnxFiles, writeFiles } from './portable-folder.ts';

/** What cuts words into tokens. */
const TOKENIZER = ['tokenizer.json', 'tokenizer_config.json'];

/** Writes a captioner with a Vision Transformer as ONNX: see `writePortableCaptioner`. */
export async function writePortableVision(
  model: CaptionerModel,
  captioner: VisionCaptioner,
  target: string,
): Promise<Exported> {
  const { graphs, runner } = collectGraphs();
  await loadNativeVision(captioner, runner);
  const { config } = captioner;
  const files = {
    'config.json': {
      name: model.name,
      captioner: config,
      decoding: model.decoding,
      forbidden: model.vocabulary.forbidden,
      image: { size: model.encoder.inputSize, resize: 'squash', filter: model.resample, range: [0, 255] },
    },
    ...onnxFiles(graphs),
    'caption.py': EXAMPLE,
  };
  return writeModelFolder(
    target,
    async (into) => {
      await writeFiles(into, files);
      for (const file of TOKENIZER) await copyFile(join(model.folder, file), join(into, file));
    },
    undefined,
    (name) => cardOf(name, model, captioner, graphs),
  );
}

const cardOf = (
  name: string,
  { encoder }: CaptionerModel,
  { config: { endToken, startToken, vision, writer } }: VisionCaptioner,
  graphs: ReadonlyMap<string, OnnxGraph>,
): string => `# ${name}

A captioner with a Vision Transformer as ONNX. Photos go into \`encoder.onnx\` at ${encoder.inputSize} x ${encoder.inputSize}, the whole photo squashed, RGB in 0 to
255: it does the rest. Its vectors go into \`start.onnx\`, once a photo, whose outputs go into \`step.onnx\` as \`memory/...\`. A step
is run for every token: \`tokens\` and \`rows\` are [photos, captions of each]; \`rows\` says which row of \`past/...\` each goes on
from, which are empty at first (no place) and afterwards what came out; \`place\` is how many tokens were fed before; \`parts\` says how
much of each of the ${writer.layers} layers and ${writer.heads} heads is in \`weights\`, where the model looked: ${vision.extra} of the class, then the patches
row by row. The first token is ${startToken}, and ${endToken} ends a caption. \`tokenizer.json\` is the authors'.

\`python caption.py PHOTO\` (numpy, onnxruntime, Pillow, tokenizers) is an example that takes the likeliest token each time.

${describeGraphs(graphs)}`;

const EXAMPLE = `"""Captions a photo: python caption.py PHOTO"""
import json, pathlib, sys
import numpy as np, onnxruntime as ort
from PIL import Image
from tokenizers import Tokenizer

here = pathlib.Path(__file__).parent
config = json.loads((here / "config.json").read_text())
encoder, start, step = (ort.InferenceSession(here / f"{name}.onnx") for name in ("encoder", "start", "step"))
size, shape, writer = config["image"]["size"], config["captioner"], config["captioner"]["writer"]
filters = {"linear": Image.BILINEAR, "cubic": Image.BICUBIC, "lanczos3": Image.LANCZOS}

photo = Image.open(sys.argv[1]).convert("RGB").resize((size, size), filters[config["image"]["filter"]])
(vectors,) = encoder.run(["vectors"], {"pixels": np.asarray(photo, np.float32)[None]})
kept = zip((output.name for output in start.get_outputs()), start.run(None, {"vectors": vectors}))
state = {f"memory/{name}": value for name, value in kept}
names = [value.name for value in step.get_inputs()]
state |= {name: state[name.replace("past", "memory")][:, :, :0] for name in names if name.startswith("past/")}
parts = np.full((writer["layers"], writer["heads"]), 1 / (writer["layers"] * writer["heads"]), np.float32)
token, written = shape["startToken"], []
while len(written) < config["decoding"]["maxLength"]:
    fed = {"tokens": np.array([[token]], np.int32), "rows": np.zeros((1, 1), np.int32), "parts": parts}
    fed["place"] = np.array([len(written)], np.int32)
    out = dict(zip((output.name for output in step.get_outputs()), step.run(None, fed | state)))
    state |= {name: out[f"next_{name}"] for name in names if name.startswith("past/")}
    out["logProbabilities"][0, config["forbidden"]] = -np.inf
    token = int(out["logProbabilities"][0].argmax())
    if token == shape["endToken"]:
        break
    written.append(token)
print(written)
print(Tokenizer.from_file(str(here / "tokenizer.json")).decode(written))
`;
