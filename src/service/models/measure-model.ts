import { AttendError } from '../../contract/attend-error.ts';
import { captionPhotos } from '../../captioning/caption-photos.ts';
import { loadCaptioner } from '../../captioning/captioner-model.ts';
import { isFailed } from '../../captioning/result.ts';
import { translate } from '../../translation/translate.ts';
import { loadTranslator } from '../../translation/translator-model.ts';
import type { Speed } from './speeds.ts';

/** What is translated: a sentence as captions are, which every language can say. */
const SENTENCE = 'A brown dog runs through the snow with a ball in its mouth.';
/** The first run of a model prepares what later ones need. */
const RUNS = 3;

/**
 * How long a captioner takes for a photo, from pixels to words: the fastest of a few runs after the first.
 * @param sample a photo; null: none is there
 * @throws Error where the model cannot be loaded, or the photo not be captioned
 */
export async function measureCaptioner(folder: string, sample: string | null, signal: AbortSignal): Promise<Speed> {
  if (sample === null) throw new AttendError('not-found', 'There is no sample photo to measure with.');
  const model = await loadCaptioner(folder);
  try {
    return await fastest(model.backend, signal, async () => {
      for await (const result of captionPhotos(model, [sample], { signal })) {
        if (isFailed(result)) throw new Error(result.error);
      }
    });
  } finally {
    model.dispose();
  }
}

/** How long a translator takes for a sentence. @throws Error where the model cannot be loaded */
export async function measureTranslator(folder: string, signal: AbortSignal): Promise<Speed> {
  const model = await loadTranslator(folder);
  try {
    return await fastest(model.backend, signal, () =>
      translate(model, [SENTENCE], { to: model.to[0] as string, signal }),
    );
  } finally {
    model.dispose();
  }
}

async function fastest(backend: Speed['backend'], signal: AbortSignal, run: () => Promise<unknown>): Promise<Speed> {
  await run();
  let milliseconds = Infinity;
  for (let i = 0; i < RUNS; i++) {
    signal.throwIfAborted();
    const begin = performance.now();
    await run();
    milliseconds = Math.min(milliseconds, performance.now() - begin);
  }
  return { milliseconds: Math.round(milliseconds * 10) / 10, backend };
}
