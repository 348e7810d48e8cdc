import { AttendError } from '../../contract/attend-error.ts';
import { wordSaid } from '../../contract/word-said.ts';
import { renderAnimation } from '../../pictures/animation.ts';
import { renderContactSheet } from '../../pictures/contact-sheet.ts';
import { openExplained } from '../../pictures/explanation.ts';
import { wordSuffix } from '../../pictures/output-names.ts';
import { renderOverlay, renderOverlays } from '../../pictures/overlay.ts';
import { renderPage } from '../../pictures/page.ts';
import type { PictureStyle } from '../../pictures/render-word.ts';
import { renderSvg } from '../../pictures/svg.ts';
import type { TaskControl } from '../../tasks/task-control.ts';
import type { DrawnFormat } from '../../contract/constants/export-formats.ts';
import type { PathExplanation } from './explanation-of.ts';

/** What can be drawn of a photo. */

/** A file of a photo: its name's end ("-sheet.png") and its content. */
interface DrawnFile {
  suffix: string;
  data: Uint8Array | string;
}

/** Everything that runs where pictures are drawn. */
export interface PictureTasks {
  draw(
    input: { explanation: PathExplanation; format: DrawnFormat; style: PictureStyle },
    control: TaskControl<never>,
  ): Promise<DrawnFile[]>;
  /** One word's picture, or the contact sheet; PNG. */
  picture(
    input: { explanation: PathExplanation; word: number | null; style: PictureStyle },
    control: TaskControl<never>,
  ): Promise<Uint8Array>;
}

/** Draws; lives in a thread of its own (or, in tests, beside its caller). */
export class PictureHost implements PictureTasks {
  draw: PictureTasks['draw'] = async ({ explanation, format, style }, { signal }) => {
    const { words } = explanation;
    const opened = { ...explanation, photo: await openExplained(explanation) };
    switch (format) {
      case 'sheet':
        return [{ suffix: '-sheet.png', data: await renderContactSheet(opened, style) }];
      case 'svg':
        return [{ suffix: '.svg', data: await renderSvg(opened, style) }];
      case 'html':
        return [{ suffix: '.html', data: await renderPage(opened, style) }];
      case 'png': {
        const files: DrawnFile[] = [];
        for await (const data of renderOverlays(opened, style)) {
          signal.throwIfAborted();
          const word = words[files.length];
          files.push({ suffix: wordSuffix(files.length, words.length, word ? wordSaid(word) : ''), data });
        }
        return files;
      }
      default:
        // A caption without words has nothing to animate.
        if (words.length === 0) return [];
        return [{ suffix: `.${format}`, data: await renderAnimation(opened, { ...style, format }) }];
    }
  };

  picture: PictureTasks['picture'] = async ({ explanation, word, style }, { signal }) => {
    if (word === null) return renderContactSheet(explanation, style);
    signal.throwIfAborted();
    if (explanation.words[word]) return renderOverlay(explanation, word, style);
    throw new AttendError(
      'not-found',
      `The caption has ${explanation.words.length} words; there is no word ${word + 1}.`,
    );
  };
}
