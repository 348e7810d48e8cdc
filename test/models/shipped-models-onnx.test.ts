import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { loadCaptioner } from '../../src/captioning/captioner-model.ts';
import { listCaptioners } from '../../src/captioning/find-captioner.ts';
import { captionConstraints, encodeImages } from '../../src/captioning/search.ts';
import { padTokens } from '../../src/engine/batches/padded-tokens.ts';
import { beamSearch } from '../../src/engine/decoding/beam.ts';
import type { Hypothesis } from '../../src/engine/decoding/hypothesis.ts';
import { captionerDecoder } from '../../src/engine/models/captioner-decoder.ts';
import { textDecoder } from '../../src/engine/models/text-decoder.ts';
import { sourceTokens } from '../../src/engine/text/source-tokens.ts';
import { packageRoot } from '../../src/files/package-root.ts';
import { readEncoder } from '../../src/model-folders/encoder-files.ts';
import { listModels, modelsFolder } from '../../src/model-folders/installed-models.ts';
import { loadNativeCaptioner } from '../../src/native/captioner-graphs.ts';
import { loadNativeEncoder } from '../../src/native/encoder-graph.ts';
import { onnxRuntime } from '../../src/native/onnx-runtime.ts';
import { loadNativeTranslator } from '../../src/native/translator-graphs.ts';
import { readPhoto } from '../../src/photos/read-photo.ts';
import { alignmentLayerOf } from '../../src/translation/translator-checkpoint.ts';
import { loadTranslator } from '../../src/translation/translator-model.ts';
import { decoderOf } from '../../src/translation/translation-search.ts';
import { farthest } from '../engine/encoder/toy-encoder.ts';
import { backendUnderTest, describeOnnx, useTestBackend } from '../support/backend.ts';

useTestBackend();

const SENTENCES = [
  'A dog runs through the snow.',
  'Two children are sitting on a bench and eat ice cream.',
  'We will meet at 9:30 tomorrow, if it does not rain.',
];

/** Expects the same sentences, and every probability and attention weight to 1e-4. */
function expectSame(actual: Hypothesis[][], expected: Hypothesis[][]): void {
  const tokensOf = (all: Hypothesis[][]): number[][] => all.flat().map(({ tokens }) => [...tokens]);
  expect(tokensOf(actual)).toEqual(tokensOf(expected));
  const numbersOf = (all: Hypothesis[][]): number[] =>
    all.flat().flatMap(({ logProbabilities, weights }) => [...logProbabilities, ...weights.flatMap((row) => [...row])]);
  const [own, other] = [numbersOf(actual), numbersOf(expected)];
  expect(own).toHaveLength(other.length);
  expect(farthest(own, other)).toBeLessThan(1e-4);
}

// WASM runs the models operation by operation, and has nothing of graphs: it is what ONNX Runtime is compared with.
const describeBoth = backendUnderTest === 'wasm' ? describeOnnx : describe.skip;

describeBoth('the shipped models on ONNX Runtime and on WASM', () => {
  test.each(listCaptioners())('%s sees and says the same', async (name) => {
    const folder = join(modelsFolder(), name);
    const model = await loadCaptioner(folder);
    const encoder = await loadNativeEncoder(await readEncoder(folder), onnxRuntime());
    const steps = await loadNativeCaptioner(model.captioner!, onnxRuntime());
    const samples = join(packageRoot(), 'assets', 'samples');
    const photos = readdirSync(samples).filter((file) => file.endsWith('.jpg'));
    const images: Uint8Array[] = [];
    for (const file of photos.sort().slice(0, 3)) {
      const size: [number, number] = [encoder.inputSize, encoder.inputSize];
      images.push((await readPhoto(join(samples, file), { size })).pixels);
    }
    const [seen] = encodeImages({ ...model, encoder }, images, false) as [tf.Tensor3D];
    const [expected] = encodeImages(model, images, false) as [tf.Tensor3D];
    expect(farthest(await seen.data(), await expected.data())).toBeLessThan(1e-4);

    const { beam, lengthNormalisation } = model.decoding;
    const options = { ...captionConstraints(model, []), width: beam, nBest: beam, lengthNormalisation };
    expectSame(
      await beamSearch(captionerDecoder(model.captioner!.config, steps, seen), options),
      await beamSearch(model.decoder(expected), options),
    );
    steps.dispose();
    encoder.dispose();
    model.dispose();
  });

  test.each(listModels('translator', modelsFolder()).map(({ name }) => name))(
    '%s writes the same, and looks where it looked',
    async (name) => {
      const model = await loadTranslator(join(modelsFolder(), name));
      const layer = alignmentLayerOf(model);
      const graphs = await loadNativeTranslator(model.model, layer === null ? {} : { layer }, onnxRuntime());
      const { tokenizer } = model;
      for (const to of model.to) {
        const sources = SENTENCES.map((text) =>
          sourceTokens(tokenizer, tokenizer.encodeWithSpans(text, model.from).ids, to),
        );
        const options = { width: 4, nBest: 2, lengthNormalisation: 1, maxLength: 24 };
        const source = padTokens(sources);
        expectSame(
          await beamSearch(textDecoder(model.config, graphs, source), options),
          await beamSearch(decoderOf(model, source), options),
        );
      }
      graphs.dispose();
      model.dispose();
    },
  );
});
