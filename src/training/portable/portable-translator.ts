import { MarianTokenizer } from '../../engine/text/marian-tokenizer.ts';
import { SubwordTokenizer } from '../../engine/text/subword-tokenizer.ts';
import { Seq2Seq } from '../../engine/models/seq2seq.ts';
import { Transformer, type TransformerConfig } from '../../engine/models/transformer.ts';
import type { OnnxGraph } from '../../engine/graph/onnx-graph.ts';
import { readAnyCheckpoint } from '../../model-folders/load-any-checkpoint.ts';
import { writeModelFolder, type Exported } from '../../model-folders/model-folder.ts';
import { loadNativeTranslator } from '../../native/translator-graphs.ts';
import { alignmentLayerOf } from '../../translation/translator-checkpoint.ts';
import { loadTranslator, type TranslatorModel } from '../../translation/translator-model.ts';
import { collectGraphs } from './collect-graphs.ts';
import { ARGUMENTS, GREEDY_SEARCH, GREEDY_SEARCH_RECURRENT, showMaps } from './greedy-search-example.ts';
import { describeGraphs, findPortable, onnxFiles, writeFiles, type PortableFormat } from './portable-folder.ts';
import { writePortableMarian } from './portable-marian.ts';
import { safetensorsBytes } from './safetensors-bytes.ts';

/**
 * Writes a translator for other programs: see `writePortableCaptioner`.
 *
 * @param source a model's folder or name, a training run's folder, or one of its checkpoints'
 * @throws Error where there is no translator, the folder cannot be written, or a model has no graphs of its own
 */
export async function writePortableTranslator(
  source: string,
  target: string,
  format: PortableFormat,
): Promise<Exported> {
  const folder = await findPortable(source, 'translator');
  const model = await loadTranslator(folder);
  try {
    const { config, decoding, from, name, to, tokenizer } = model;
    if (tokenizer instanceof MarianTokenizer && model.model instanceof Transformer && format === 'onnx') {
      return await writePortableMarian(model, model.model, tokenizer, target);
    }
    if (!(tokenizer instanceof SubwordTokenizer)) {
      throw new Error(`${name} is a model that others published: take it as they publish it.`);
    }
    const common = {
      'config.json': { name, from, to, decoding, model: config, ids: idsOf(tokenizer) },
      'tokenizer.json': tokenizer.toJSON(),
    };
    if (format === 'safetensors') {
      const { weights } = await readAnyCheckpoint(folder);
      const files = { ...common, 'model.safetensors': safetensorsBytes(weights) };
      const card = (title: string): string => `# ${title}\n\n${WEIGHTS}`;
      return await writeModelFolder(target, (into) => writeFiles(into, files), undefined, card);
    }
    const isRecurrent = model.model instanceof Seq2Seq;
    if (!isRecurrent && !(model.model instanceof Transformer)) {
      throw new Error(
        `${name} has an encoder of convolutions, which has no graph. Its weights can be written with --format safetensors.`,
      );
    }
    const layer = alignmentLayerOf(model);
    const { graphs, runner } = collectGraphs();
    await loadNativeTranslator(model.model, layer === null ? {} : { layer }, runner, { tellsMaps: true });
    const files = { ...common, ...onnxFiles(graphs), 'translate.py': exampleOf(isRecurrent) };
    const card = (title: string): string =>
      isRecurrent
        ? recurrentCardOf(title, model, graphs)
        : cardOf(title, model, model.model.config as TransformerConfig, graphs);
    return await writeModelFolder(target, (into) => writeFiles(into, files), undefined, card);
  } finally {
    model.dispose();
  }
}

/** What a program needs to make ids of symbols. */
function idsOf(tokenizer: SubwordTokenizer): object {
  const { end, languages, start, tokens } = tokenizer;
  return {
    start,
    end,
    languages: Object.fromEntries(languages.map((code) => [code, tokenizer.language(code)])),
    firstSymbol: tokens.length - tokenizer.toJSON().symbols.length,
    forbidden: tokenizer.forbidden,
  };
}

const WEIGHTS = `The weights as float32, by the names of Attend's layers; matrices are [in, out]. \`config.json\` has sizes and choices,
\`tokenizer.json\` the symbols in the order in which they were learned.
`;

/** What of a card is the same for every model. */
const HOW_TO_USE = `\`tokenizer.json\` has the alphabet and then the merged symbols in the order of learning: the two neighbours whose symbol comes
first are merged first, until none is left (byte pair encoding). A symbol's id is its place plus \`firstSymbol\`.

\`python translate.py LANGUAGE SENTENCE\` (numpy, onnxruntime) is an example that takes the likeliest symbol each time; with
\`--maps\` before the language it also shows where the model looked.`;

const recurrentCardOf = (
  name: string,
  { to }: TranslatorModel,
  graphs: ReadonlyMap<string, OnnxGraph>,
): string => `# ${name}

A recurrent model that translates to ${to.join(', ')}, as ONNX. \`encoder.onnx\` is run once, for any number of sentences of any
length: \`tokens\` are the tag of the language, the sentence's symbols and the end, and \`mask\` is 1 at these and 0 at what only
fills a row up. It goes from token to token by itself (Scan). Its outputs go into \`step.onnx\`: \`memory/...\` at each step, and
\`past/...\` at first, afterwards what came out. A step is run for every symbol; \`rows\` says which row of \`past/...\` each row goes
on from${graphs.get('step')?.outputs.some(({ name }) => name === 'weights') ? ', and `weights` is where the model looked' : ''}. \`config.json\` has the ids.

${HOW_TO_USE}

${describeGraphs(graphs)}`;

const cardOf = (
  name: string,
  { to }: TranslatorModel,
  { size }: TransformerConfig,
  graphs: ReadonlyMap<string, OnnxGraph>,
): string => `# ${name}

A Transformer that translates to ${to.join(', ')}, as ONNX. \`encoder.onnx\` is run once: \`tokens\` are the tag of the language,
the sentence's symbols and the end; \`positions\` are the sines and cosines of their places, ${size} numbers each, and \`padding\` is
0 at tokens and minus infinity at what only fills a row up. Its outputs go into \`step.onnx\` as \`memory/...\`, with \`padding\` as
\`memory/padding\`. A step is run for every symbol: \`past/...\` are empty at first (no place), afterwards what came out; \`rows\` says
which row of them each row goes on from; \`weights\` is where the model looked, and \`maps\` where each head of each layer did. \`config.json\`
has the ids.

${HOW_TO_USE}

${describeGraphs(graphs)}`;

const exampleOf = (
  isRecurrent: boolean,
): string => `"""Translates a sentence: python translate.py [--maps] LANGUAGE SENTENCE"""
import json, pathlib, re, sys
import numpy as np, onnxruntime as ort

here = pathlib.Path(__file__).parent
config = json.loads((here / "config.json").read_text())
symbols = json.loads((here / "tokenizer.json").read_text())["symbols"]
encoder, step = (ort.InferenceSession(here / f"{name}.onnx") for name in ("encoder", "step"))
ids, model = config["ids"], config["model"]
rank = {symbol: place for place, symbol in enumerate(symbols)}

def cut(chunk):  # byte pair encoding
    parts = list(chunk)
    while True:
        pairs = [(rank[a + b], i) for i, (a, b) in enumerate(zip(parts, parts[1:])) if a + b in rank]
        if not pairs:
            return [ids["firstSymbol"] + rank[part] for part in parts if part in rank]
        i = min(pairs)[1]
        parts[i : i + 2] = [parts[i] + parts[i + 1]]

${isRecurrent ? '' : POSITIONS}${ARGUMENTS}
chunks = re.findall(r" ?[^\\W\\d_]+(?:['’][^\\W\\d_]+)?| ?\\d| ?[^\\w\\s]+|.", f" {sentence}")
tag = [ids["languages"][language]] if ids["languages"] else []
source = [*tag, *(token for chunk in chunks for token in cut(chunk)), ids["end"]]
token = ids["start"]
${isRecurrent ? GREEDY_SEARCH_RECURRENT : GREEDY_SEARCH}
print("".join(symbols[token - ids["firstSymbol"]] for token in found if token >= ids["firstSymbol"]).strip())
${showMaps("symbols[max(0, token - ids['firstSymbol'])]")}
`;

const POSITIONS = `def positions(first, count):
    angles = np.arange(first, first + count)[:, None] / 10000 ** (np.arange(0, model["size"], 2) / model["size"])
    return np.stack([np.sin(angles), np.cos(angles)], -1).reshape(count, -1).astype(np.float32)

`;
