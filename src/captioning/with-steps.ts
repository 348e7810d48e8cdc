import type { Encoder } from '../engine/encoder/encoder.ts';
import type { CaptionerSteps } from '../engine/models/captioner-decoder.ts';
import type { NativeCaptioner } from '../native/captioner-graphs.ts';

/** What computes: an encoder, and a captioner's steps. */
export interface EncoderAndSteps {
  readonly encoder: Encoder;
  readonly steps: CaptionerSteps;
  dispose(): void;
}

/** An encoder and the steps that are loaded for it; where they cannot be, the encoder is disposed of. */
export async function withSteps(encoder: Encoder, load: () => Promise<NativeCaptioner>): Promise<EncoderAndSteps> {
  try {
    const steps = await load();
    return {
      encoder,
      steps,
      dispose() {
        encoder.dispose();
        steps.dispose();
      },
    };
  } catch (error) {
    encoder.dispose();
    throw error;
  }
}
