import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { OnnxGraph } from '../../engine/graph/onnx-graph.ts';
import type { Transformer } from '../../engine/models/transformer.ts';
import type { MarianTokenizer } from '../../engine/text/marian-tokenizer.ts';
import { writeModelFolder, type Exported } from '../../model-folders/model-folder.ts';
import { loadNativeTranslator } from '../../native/translator-graphs.ts';
import { alignmentLayerOf } from '../../translation/translator-checkpoint.ts';
import type { TranslatorModel } from '../../translation/translator-model.ts';
import { collectGraphs } from './collect-graphs.ts';
import { ARGUMENTS, GREEDY_SEARCH, showMaps } from './greedy-search-example.ts';
import { describeGraphs, onnxFiles, writeFiles } from './portable-folder.ts';

/** What cuts sentences into pieces, and numbers these. */
const OF_TOKENIZER = /\.spm$|vocab\.json$/;

/** Writes a Marian translator as ONNX: see `writePortableCaptioner`. */
export async function writePortableMarian(
  model: TranslatorModel,
  transformer: Transformer,
  tokenizer: MarianTokenizer,
  target: string,
): Promise<Exported> {
  const layer = alignmentLayerOf(model);
  const { graphs, runner } = collectGraphs();
  await loadNativeTranslator(transformer, layer === null ? {} : { layer }, runner, { tellsMaps: true });
  const { config } = transformer;
  const { decoding, from, name, to } = model;
  const { end, forbidden, languages } = tokenizer;
  const tags = Object.fromEntries(languages.map((code) => [code, tokenizer.language(code)]));
  const files = {
    'config.json': { name, from, to, decoding, model: config, ids: { end, languages: tags, forbidden } },
    ...onnxFiles(graphs),
    'translate.py': EXAMPLE,
  };
  return writeModelFolder(
    target,
    async (into) => {
      await writeFiles(into, files);
      for (const { file } of model.files.filter(({ file }) => OF_TOKENIZER.test(file))) {
        await copyFile(join(model.folder, file), join(into, file));
      }
    },
    undefined,
    (title) => cardOf(title, model, transformer, graphs),
  );
}

const cardOf = (
  name: string,
  { from, to }: TranslatorModel,
  { config: { endToken, size, startToken } }: Transformer,
  graphs: ReadonlyMap<string, OnnxGraph>,
): string => `# ${name}

A MarianMT translator from ${from} to ${to.join(', ')}, as ONNX. \`encoder.onnx\` is run once: \`tokens\` are the tag of the language
where the model writes several, the sentence's pieces and the end (${endToken}); \`positions\` are the sines and then the cosines of
their places, ${size} numbers each, and \`padding\` is 0 at tokens and minus infinity at what only fills a row up. Its outputs go into
\`step.onnx\` as \`memory/...\`, with \`padding\` as \`memory/padding\`. A step is run for every piece: \`past/...\` are empty at first (no
place), afterwards what came out; \`rows\` says which row of them each row goes on from; \`weights\` is where the model looked, \`maps\` where
each head of each layer did. The first token is ${startToken}, and ${endToken} ends a translation. \`config.json\` has the ids.

\`source.spm\`, \`target.spm\` (SentencePiece) and \`vocab.json\` (the ids of their pieces) are the authors'.

\`python translate.py LANGUAGE SENTENCE\` (numpy, onnxruntime, sentencepiece) is an example that takes the likeliest piece each
time; with \`--maps\` before the language it also shows where the model looked.

${describeGraphs(graphs)}`;

const EXAMPLE = `"""Translates a sentence: python translate.py [--maps] LANGUAGE SENTENCE"""
import json, pathlib, sys
import numpy as np, onnxruntime as ort
from sentencepiece import SentencePieceProcessor

here = pathlib.Path(__file__).parent
config = json.loads((here / "config.json").read_text())
read = json.loads((here / "vocab.json").read_text(encoding="utf-8"))
other = here / "target_vocab.json"
written = {id: piece for piece, id in (json.loads(other.read_text(encoding="utf-8")) if other.exists() else read).items()}
cutter = SentencePieceProcessor(model_file=str(here / "source.spm"))
encoder, step = (ort.InferenceSession(here / f"{name}.onnx") for name in ("encoder", "step"))
ids, model = config["ids"], config["model"]

def positions(first, count):  # the sines, then the cosines
    angles = np.arange(first, first + count)[:, None] / 10000 ** (np.arange(0, model["size"], 2) / model["size"])
    return np.concatenate([np.sin(angles), np.cos(angles)], -1).astype(np.float32)

${ARGUMENTS}
pieces = cutter.encode(sentence, out_type=str)
tag = [ids["languages"][language]] if ids["languages"] else []
source = [*tag, *(read.get(piece, read["<unk>"]) for piece in pieces), ids["end"]]
token = model["startToken"]
${GREEDY_SEARCH}
print("".join(written[token] for token in found).replace("\\u2581", " ").strip())
${showMaps('written[token]')}
`;
