import { toBeFound } from '../../../contract/constants/map-kinds.ts';
import { i18n } from '../../i18n/i18n.svelte.ts';
import type { App } from '../../state/app.svelte.ts';

/** Puts the caption that is shown on the clipboard. */
export async function copyCaption(app: App): Promise<void> {
  const { text } = app.looking;
  if (text === '') return;
  await copyText(app, text);
}

/** Puts the photo's keywords on the clipboard, with commas between them. */
export async function copyKeywords(app: App): Promise<void> {
  await copyText(app, app.looking.keywords.join(', '));
}

async function copyText(app: App, text: string): Promise<void> {
  await app.attempt(app.client.copyText(text).then(() => app.news(i18n.t.caption.copied)));
}

/** Puts one word's picture on the clipboard, or the contact sheet (null). */
export async function copyPicture(app: App, word: number | null): Promise<void> {
  const { client, looking } = app;
  if (looking.photoId === null) return;
  const caption = Math.max(0, looking.shown);
  const isKept = looking.keptIndex !== null;
  const drawn = looking.captions[caption];
  const picture = {
    photoId: looking.photoId,
    word,
    ...(isKept || !drawn ? { caption } : { drawn, model: looking.writer.model }),
    style: { ...app.mapStyle },
    ...(toBeFound(looking.shownMaps.of) && { maps: looking.shownMaps.of }),
  };
  const copy = async (): Promise<void> => {
    if (client.door === 'electron') {
      await client.request('export.copy', { picture });
    } else {
      // The clipboard takes a promise, so that the picture may still be drawn when the click is long over.
      const png = client
        .request('export.picture', picture)
        .then(({ address }) => fetch(client.url(address)))
        .then((answer) => answer.blob());
      await navigator.clipboard.write([new ClipboardItem({ 'image/png': png })]);
    }
    app.news(i18n.t.caption.copied);
  };
  await app.attempt(copy());
}
