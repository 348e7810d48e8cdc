import { join } from 'node:path';
import type { Json } from '../../engine/checkpoint/json.ts';
import type { VisionCaptionerConfig } from '../../engine/models/vision-captioner.ts';
import { blipConfig, blipWeights } from '../../engine/published/blip.ts';
import { ConfigReader } from '../../engine/published/config-reader.ts';
import { imageProcessor, type ImageProcessor, type Resample } from '../../engine/published/image-processor.ts';
import { readBytes } from '../../files/read-file.ts';
import {
  visionEncoderDecoderConfig,
  visionEncoderDecoderWeights,
} from '../../engine/published/vision-encoder-decoder.ts';
import { VISION_ARCHITECTURE } from './architectures.ts';
import { openPieces, pieceFiles, type VisionCaptionerMetadata } from './captioner-files.ts';
import type { DescribedModel, PublishedFamily } from './published-family.ts';

/** What differs between the families. */
interface Kind {
  name: string;
  modelType: string;
  /** The filter of its image processor where its file names none. */
  resample: Resample;
  config: (config: unknown, processor: ImageProcessor) => VisionCaptionerConfig;
  weights: (
    tensors: Parameters<DescribedModel['weights']>[0],
    config: VisionCaptionerConfig,
  ) => ReturnType<DescribedModel['weights']>;
}

/** A caption of so many tokens is cut off; the authors of most models say 20 or 30. */
const LONGEST = 30;

function family({ config: configOf, modelType, name, resample, weights }: Kind): PublishedFamily {
  return {
    name,
    modelType,
    async describe(folder) {
      const preprocessor = await folder.json('preprocessor_config.json');
      if (preprocessor === undefined) throw new Error('preprocessor_config.json is missing.');
      const processor = imageProcessor(preprocessor, resample);
      const config = configOf(folder.config, processor);
      const generation = new ConfigReader(
        (await folder.json('generation_config.json')) ?? {},
        'generation_config.json',
      );
      const tokenizer = await pieceFiles(folder.path);
      // Opened to see whether it can be.
      await openPieces(tokenizer, config.vocabularySize, tokensOf(config), ({ file }) =>
        readBytes(join(folder.path, file)),
      );
      const beam = generation.whole('num_beams', 1, 50, 1);
      const metadata: VisionCaptionerMetadata = {
        family: name,
        tokenizer,
        resample: processor.resample,
        decoding: {
          // Greedy is what stands there where nobody thought of it.
          beam: beam > 1 ? beam : 3,
          lengthNormalisation: Math.max(0, generation.number('length_penalty', 1)),
          maxLength: Math.min(LONGEST, config.writer.positions - 1),
          noRepeat: 3,
          refill: true,
        },
      };
      return {
        kind: 'captioner',
        architecture: VISION_ARCHITECTURE,
        config: config as unknown as Json,
        metadata: metadata as unknown as Json,
        companions: [tokenizer.description, tokenizer.settings],
        weights: (tensors) => weights(tensors, config),
      };
    },
  };
}

export function tokensOf({ endToken: end, startToken: start }: VisionCaptionerConfig): { start: number; end: number } {
  return { start, end };
}

/** BLIP, `Salesforce/blip-image-captioning-*`. */
export const blipFamily = family({
  name: 'BLIP',
  modelType: 'blip',
  resample: 'cubic',
  config: blipConfig,
  weights: blipWeights,
});

/** Vision Transformer and GPT-2, `nlpconnect/vit-gpt2-image-captioning` and its like. */
export const visionEncoderDecoderFamily = family({
  name: 'VisionEncoderDecoder',
  modelType: 'vision-encoder-decoder',
  resample: 'linear',
  config: visionEncoderDecoderConfig,
  weights: visionEncoderDecoderWeights,
});
