import { spawnSync } from 'node:child_process';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { loadCaptioner } from '../../../src/captioning/captioner-model.ts';
import { encodeImages } from '../../../src/captioning/search.ts';
import { padTokens } from '../../../src/engine/batches/padded-tokens.ts';
import { readCheckpoint } from '../../../src/engine/checkpoint/checkpoint.ts';
import type { TransformerConfig } from '../../../src/engine/models/transformer.ts';
import { beamSearch } from '../../../src/engine/decoding/beam.ts';
import { sourceTokens } from '../../../src/engine/text/source-tokens.ts';
import { packageRoot } from '../../../src/files/package-root.ts';
import { DirectoryStore } from '../../../src/model-folders/directory-store.ts';
import { addModel } from '../../../src/model-folders/published/add-model.ts';
import { modelsFolder } from '../../../src/model-folders/installed-models.ts';
import { readPhoto } from '../../../src/photos/read-photo.ts';
import { writePortableCaptioner } from '../../../src/training/portable/portable-captioner.ts';
import { writePortableTranslator } from '../../../src/training/portable/portable-translator.ts';
import { loadTranslator, type TranslatorModel } from '../../../src/translation/translator-model.ts';
import { decoderOf } from '../../../src/translation/translation-search.ts';
import { parseSafetensors } from '../../../src/engine/published/safetensors.ts';
import { useTestBackend } from '../../support/backend.ts';
import { temporaryFolder } from '../../support/tiny-captioner.ts';
import { PYTHON, pythonHas } from '../../support/python.ts';

useTestBackend();

const CAPTIONER = join(modelsFolder(), 'captioner-flickr8k-coco');
const TRANSLATOR = join(modelsFolder(), 'comparison-transformer');
const SAMPLE = join(packageRoot(), 'assets', 'samples', 'dog-in-snow.jpg');
const RECURRENT = join(modelsFolder(), 'comparison-additive');
const SENTENCE = 'Two dogs are playing in the snow.';

let folder: { path: string; remove: () => Promise<void> };
const at = (name: string): string => join(folder.path, name);

/** A fixture, added. */
async function published(family: string): Promise<string> {
  vi.stubEnv('ATTEND_DATA', at('data'));
  const fixture = new URL(`../../engine/published/fixtures/${family}`, import.meta.url);
  const added = await addModel(fileURLToPath(fixture));
  vi.unstubAllEnvs();
  return added.folder;
}

beforeAll(async () => {
  folder = await temporaryFolder();
  await writePortableCaptioner(CAPTIONER, at('captioner'), 'onnx');
  await writePortableTranslator(TRANSLATOR, at('translator'), 'onnx');
  await writePortableTranslator('comparison-additive', at('recurrent'), 'onnx');
  await writePortableTranslator(await published('marian'), at('marian'), 'onnx');
  await writePortableCaptioner(await published('show-attend-tell'), at('tutorial'), 'onnx');
});
afterAll(() => folder.remove());

describe('a model for other programs', () => {
  test('as ONNX says what goes into its graphs and what comes out', async () => {
    expect((await readdir(at('captioner'))).toSorted()).toEqual([
      ...['README.md', 'caption.py', 'config.json'],
      ...['encoder.onnx', 'start.onnx', 'step.onnx', 'vocabulary.txt'],
    ]);
    expect((await readdir(at('translator'))).toSorted()).toEqual([
      ...['README.md', 'config.json', 'encoder.onnx', 'step.onnx'],
      ...['tokenizer.json', 'translate.py'],
    ]);
    const card = await readFile(join(at('captioner'), 'README.md'), 'utf8');
    expect(card).toContain('| in | `pixels` | float32 | [photos, 224, 224, 3] |');
    expect(card).toContain('| out | `logProbabilities` | float32 | [rows, 3373] |');
  });

  test('as safetensors has every weight of the model', async () => {
    await writePortableTranslator(TRANSLATOR, at('weights'), 'safetensors');
    const written = parseSafetensors(await readFile(join(at('weights'), 'model.safetensors')));
    const { weights } = await readCheckpoint(new DirectoryStore(TRANSLATOR));
    expect([...written.keys()].toSorted()).toEqual([...weights.keys()].toSorted());
    for (const [name, { data, shape }] of weights) {
      expect(written.get(name)?.shape).toEqual(shape);
      expect(written.get(name)?.data).toEqual(data);
    }
  });

  test('is the graphs, tokenizer and example of one that others published', async () => {
    await writePortableCaptioner(await published('blip'), at('vision'), 'onnx');
    expect((await readdir(at('vision'))).toSorted()).toEqual([
      ...['README.md', 'caption.py', 'config.json', 'encoder.onnx', 'start.onnx', 'step.onnx'],
      ...['tokenizer.json', 'tokenizer_config.json'],
    ]);
    expect((await readdir(at('marian'))).toSorted()).toEqual([
      ...['README.md', 'config.json', 'encoder.onnx', 'source.spm', 'step.onnx', 'target.spm', 'translate.py'],
      'vocab.json',
    ]);
    expect((await readdir(at('tutorial'))).toSorted()).toEqual((await readdir(at('captioner'))).toSorted());
    const asItStands = fileURLToPath(new URL('../../engine/published/fixtures/marian', import.meta.url));
    await writePortableTranslator(asItStands, at('as-it-stands'), 'onnx');
    expect(await readdir(at('as-it-stands'))).toEqual(await readdir(at('marian')));
    await expect(writePortableCaptioner(await published('blip'), at('other'), 'safetensors')).rejects.toThrow(
      'as they publish it',
    );
  });

  test('leaves a folder alone that holds other things', async () => {
    await expect(writePortableCaptioner(CAPTIONER, at('captioner'), 'onnx')).rejects.toThrow('Choose another');
  });

  test('goes from token to token by itself, and tells the maps of all heads', async () => {
    const card = await readFile(join(at('recurrent'), 'README.md'), 'utf8');
    expect(card).toContain('| out | `memory/keys` | float32 | [rows, places, 128] |');
    expect(await readFile(join(at('translator'), 'README.md'), 'utf8')).toContain(
      '| out | `maps` | float32 | [rows, 2, 4, places] |',
    );
  });

  test('is refused as ONNX where its encoder has no graph', async () => {
    const convolutions = join(modelsFolder(), 'comparison-conv-s2s');
    await expect(writePortableTranslator(convolutions, at('other'), 'onnx')).rejects.toThrow('encoder of convolutions');
  });
});

const decoderLayersOf = ({ model }: TranslatorModel): number => (model.config as TransformerConfig).decoderLayers;

const python = (...args: string[]): string => {
  const { status, stderr, stdout } = spawnSync(PYTHON, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return stdout.trim();
};
const hasPython = pythonHas('onnx', 'onnxruntime', 'numpy', 'PIL', 'sentencepiece');

describe.skipIf(!hasPython)('in Python (needs onnx, onnxruntime, numpy, Pillow and sentencepiece)', () => {
  test.each([
    ...['captioner/encoder', 'captioner/start', 'captioner/step'],
    ...['translator/encoder', 'translator/step', 'recurrent/encoder', 'recurrent/step'],
  ])('%s is right ONNX', (name) => {
    const program = 'import onnx, sys; onnx.checker.check_model(onnx.load(sys.argv[1]), full_check=True)';
    expect(python('-c', program, at(`${name}.onnx`))).toBe('');
  });

  test('the example captions a photo as the engine does', async () => {
    const model = await loadCaptioner(CAPTIONER);
    const { maxLength } = model.decoding;
    const { pixels } = await readPhoto(SAMPLE, { size: [224, 224] });
    const { start, unknown } = model.vocabulary;
    const [grid] = encodeImages(model, [pixels], false);
    const options = { width: 1, lengthNormalisation: 0, maxLength, forbidden: [start, unknown] };
    const [[best] = []] = await beamSearch(model.decoder(grid!), options);
    expect(python(join(at('captioner'), 'caption.py'), SAMPLE)).toBe(model.vocabulary.decode(best!.tokens).join(' '));
    model.dispose();
  });

  test("the example captions a photo with the tutorial's captioner", async () => {
    const model = await loadCaptioner(await published('show-attend-tell'));
    const { inputSize } = model.encoder;
    const { maxLength } = model.decoding;
    const { pixels } = await readPhoto(SAMPLE, { size: [inputSize, inputSize], resample: model.resample! });
    const [grid] = encodeImages(model, [pixels], false);
    const options = { width: 1, lengthNormalisation: 0, maxLength, forbidden: [...model.vocabulary.forbidden] };
    const [[best] = []] = await beamSearch(model.decoder(grid!), options);
    const said = model.vocabulary.group(best!.tokens).map(({ word }) => word);
    expect(python(join(at('tutorial'), 'caption.py'), SAMPLE)).toBe(said.join(' '));
    model.dispose();
  });

  test.each([
    ['translator', (): Promise<string> => Promise.resolve(TRANSLATOR), 'de', SENTENCE],
    ['recurrent', (): Promise<string> => Promise.resolve(RECURRENT), 'de', SENTENCE],
    ['marian', (): Promise<string> => published('marian'), 'de', 'Two dogs run.'],
  ])('the example translates a sentence as the engine does (%s)', async (name, find, to, sentence) => {
    const model = await loadTranslator(await find());
    const { tokenizer } = model;
    const source = padTokens([sourceTokens(tokenizer, tokenizer.encode(sentence), to)]);
    const options = {
      width: 1,
      lengthNormalisation: 0,
      maxLength: 2 * source.length + 10,
      forbidden: [...tokenizer.forbidden],
    };
    const [[best] = []] = await beamSearch(decoderOf(model, source), options);
    const { text } = tokenizer.decodeWithSpans(best!.tokens, to);
    const [said, ...maps] = python(join(at(name), 'translate.py'), '--maps', to, sentence).split('\n');
    expect(said).toBe(text);
    const heads = name === 'recurrent' ? 1 : (model.model.config as TransformerConfig).heads * decoderLayersOf(model);
    expect(maps.filter((line) => line.startsWith('layer'))).toHaveLength(heads);
    expect(maps).toHaveLength(heads * (1 + best!.tokens.length));
    expect(() => python(join(at(name), 'translate.py'), to)).toThrow(
      /^python translate.py \[--maps\] LANGUAGE SENTENCE/,
    );
    model.dispose();
  });
});
