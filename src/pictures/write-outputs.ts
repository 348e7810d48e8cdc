import { wordSaid } from '../contract/word-said.ts';
import { renderAnimation } from './animation.ts';
import { renderContactSheet } from './contact-sheet.ts';
import { openExplained, type Explanation } from './explanation.ts';
import { OutputNames, wordSuffix } from './output-names.ts';
import { renderOverlays } from './overlay.ts';
import type { PictureStyle } from './render-word.ts';
import { renderSvg } from './svg.ts';
import { writeFileAtomically } from '../files/write-file.ts';

/** What can be drawn of an explanation; 'png' is the contact sheet and one picture a word. */
export const PICTURE_FORMATS = ['png', 'svg', 'webp', 'gif'] as const;
type PictureFormat = (typeof PICTURE_FORMATS)[number];

export interface WriteOutputsOptions extends PictureStyle {
  /** Default: png only. */
  formats?: readonly PictureFormat[];
  /** The longest side of the pictures of single words; default 1600. */
  longSide?: number;
}

/**
 * Draws an explanation and writes the pictures: `NAME-sheet.png`, `NAME-01-dog.png` …, `NAME.svg`, `NAME.webp`,
 * `NAME.gif`. Each file appears whole or not at all. Pictures of an earlier run are replaced, photos never.
 *
 * @param target the output folder, or the names shared by all photos of a run (needed where two may collide).
 * @returns the paths of the files, in the order written.
 * @throws PhotoError if the photo cannot be read, OutputError if a file cannot be written.
 */
export async function writeOutputs(
  explanation: Explanation,
  target: string | OutputNames,
  options: WriteOutputsOptions = {},
): Promise<string[]> {
  const names = typeof target === 'string' ? new OutputNames(target) : target;
  const photo = await openExplained(explanation);
  const opened = { ...explanation, photo };
  const stem = names.stem(photo.path);
  const written: string[] = [];
  const write = async (suffix: string, data: string | Uint8Array) => {
    const path = names.path(stem, suffix);
    await writeFileAtomically(path, data);
    written.push(path);
  };

  const { formats = ['png'], longSide, ...style } = options;
  for (const format of new Set(formats)) {
    if (format === 'png') {
      await write('-sheet.png', await renderContactSheet(opened, style));
      let index = 0;
      for await (const picture of renderOverlays(opened, { ...style, longSide })) {
        const word = explanation.words[index];
        await write(wordSuffix(index++, explanation.words.length, word ? wordSaid(word) : ''), picture);
      }
    } else if (format === 'svg') {
      await write('.svg', await renderSvg(opened, style));
    } else if (explanation.words.length > 0) {
      // A caption without words has nothing to animate.
      await write(`.${format}`, await renderAnimation(opened, { ...style, format }));
    }
  }
  return written;
}
