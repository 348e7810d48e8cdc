import { basename, resolve } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import type { BackendName } from '../contract/constants/backends.ts';
import type { Checkpoint } from '../engine/checkpoint/checkpoint.ts';
import type { Encoder } from '../engine/encoder/encoder.ts';
import { parseEncoderGraph } from '../engine/encoder/encoder-graph.ts';
import { captionerDecoder } from '../engine/models/captioner-decoder.ts';
import { ShowAttendTell } from '../engine/models/show-attend-tell.ts';
import { Parameters } from '../engine/parameters.ts';
import { showAttendTellEncoder, type ShowAttendTellParts } from '../engine/published/show-attend-tell.ts';
import { Vocabulary } from '../engine/text/vocabulary.ts';
import { allKeys, assertOnly, assertWithin, SIZE, TOKENS } from '../model-folders/bounds.ts';
import { checkpointFiles, refuseDrawing } from '../model-folders/model-files.ts';
import type { ShowAttendTellMetadata } from '../model-folders/published/show-attend-tell-folder.ts';
import { graphRunner, prepareOperations } from '../native/backend.ts';
import { loadNativeCaptioner } from '../native/captioner-graphs.ts';
import { loadTracedEncoder } from '../native/traced-encoder.ts';
import { usualDecoding } from './decoding-defaults.ts';
import { replaceAttention } from './faithfulness/replaced-attention.ts';
import type { CaptionerModel } from './ready-captioner.ts';
import { withSteps, type EncoderAndSteps } from './with-steps.ts';

/** A Show, Attend and Tell captioner of the tutorial's layout, ready to run. The checkpoint's weights are disposed of. */
export async function loadShowAttendTell(
  checkpoint: Checkpoint<tf.Tensor>,
  folder: string,
  backend: BackendName,
): Promise<CaptionerModel> {
  const parameters = new Parameters(refuseDrawing, checkpoint.weights);
  try {
    const { parts, vocabulary } = describe(checkpoint);
    const captioner = new ShowAttendTell(parts.captioner, parameters);
    const sees = showAttendTellEncoder(parts, parameters, checkpoint.weights);
    const graphs = await wholeGraphs(captioner, sees);
    const { encoder, steps } = graphs ?? { encoder: sees, steps: captioner };
    return {
      name: basename(resolve(folder)),
      folder,
      showAttendTell: { captioner, encoder: sees },
      encoder,
      loadEncoder: (runner) => loadTracedEncoder(sees, runner),
      resample: 'linear',
      grid: encoder.grid,
      hasMaps: true,
      vocabulary,
      decoding: usualDecoding(vocabulary.words),
      backend,
      wholeGraph: graphs !== undefined,
      files: checkpointFiles(checkpoint),
      calibration: null,
      steps,
      decoder: (grids, { everywhereAlike = false, steps: own = steps } = {}) =>
        captionerDecoder(parts.captioner, everywhereAlike ? replaceAttention(own, 'uniform') : own, grids),
      dispose() {
        parameters.dispose();
        graphs?.dispose();
      },
    };
  } catch (error) {
    parameters.dispose();
    throw error;
  } finally {
    tf.dispose([...checkpoint.weights.values()]);
  }
}

async function wholeGraphs(captioner: ShowAttendTell, sees: Encoder): Promise<EncoderAndSteps | undefined> {
  const runner = graphRunner();
  if (runner) {
    try {
      return await withSteps(await loadTracedEncoder(sees, runner), () => loadNativeCaptioner(captioner, runner));
    } catch {
      // TensorFlow loads whole graphs from a folder only; where none can be written the other way still works.
    }
  }
  await prepareOperations();
  return undefined;
}

/** All that a model may say of its shape. */
const CONFIG = allKeys<ShowAttendTellParts>({ captioner: true, encoder: true });

const CAPTIONER = allKeys<ShowAttendTellParts['captioner']>({
  grid: true,
  featureSize: true,
  attentionSize: true,
  embeddingSize: true,
  hiddenSize: true,
  vocabularySize: true,
  startToken: true,
  endToken: true,
});

/** @throws Error that names what is unknown, missing or beyond all bounds */
function describe({ config, metadata }: Checkpoint<unknown>): { parts: ShowAttendTellParts; vocabulary: Vocabulary } {
  const { captioner, encoder } = config as unknown as ShowAttendTellParts;
  assertOnly('config', config, CONFIG);
  assertOnly('config.captioner', captioner, CAPTIONER);
  assertWithin('config.captioner', captioner, {
    vocabularySize: TOKENS,
    featureSize: SIZE,
    attentionSize: SIZE,
    embeddingSize: SIZE,
    hiddenSize: SIZE,
  });
  const { vocabulary } = metadata as unknown as ShowAttendTellMetadata;
  if (!Array.isArray(vocabulary) || !vocabulary.every((word) => typeof word === 'string')) {
    throw new Error('model.json holds no vocabulary.');
  }
  return { parts: { captioner, encoder: parseEncoderGraph(encoder) }, vocabulary: new Vocabulary(vocabulary) };
}
