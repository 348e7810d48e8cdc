import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { chooseLanguage } from '../contract/choose-language.ts';
import { send } from './http-answers.ts';

const STYLE = `
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
  body { max-width: 36rem; margin: 12vh auto 0; padding: 0 1.5rem; }
  h1 { font-size: 1.5rem; line-height: 1.25; }
  li { margin: 0.5rem 0; }
  code { padding: 0.1em 0.35em; border-radius: 0.3em; background: color-mix(in srgb, currentColor 10%, transparent); }
`;

/** The one style that this page has, by its digest: nothing else inline counts. */
const POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; frame-ancestors 'none'`;

/**
 * Why the door stays closed: the browser is not known; its address had a token or a ticket that does not fit; or it came
 * by another name of this machine, or by another page.
 */
type Reason = 'unknown' | 'wrong' | 'elsewhere';

const TEXTS = {
  en: {
    title: 'Attend runs, but does not know this browser yet',
    elsewhere: 'Attend answers at 127.0.0.1 only, on this computer, and not to other pages.',
    wrong: 'The address that you opened is an old one, or not whole.',
    why: 'Your photos and captions are for you alone, so Attend shows them only to a browser that came in by the whole address, the one with <code>?token=</code>. After that this browser is known, for bookmarks and after a restart, too.',
    ways: [
      'The whole address stands in the terminal in which <code>attend serve</code> runs.',
      'Where that terminal is gone: <code>attend serve</code> in another one prints the same address again.',
      '<code>attend serve --open</code> opens it in your browser.',
    ],
  },
  de: {
    title: 'Attend läuft, kennt diesen Browser aber noch nicht',
    elsewhere: 'Attend antwortet nur unter 127.0.0.1 auf diesem Rechner, und nicht anderen Seiten.',
    wrong: 'Die Adresse, die Sie geöffnet haben, ist eine alte oder nicht die ganze.',
    why: 'Ihre Fotos und Bildtexte gehen nur Sie an. Attend zeigt sie darum nur einem Browser, der über die ganze Adresse kam, die mit <code>?token=</code>. Danach kennt es ihn, auch bei Lesezeichen und nach einem Neustart.',
    ways: [
      'Die ganze Adresse steht im Terminal, in dem <code>attend serve</code> läuft.',
      'Ist es nicht mehr offen: <code>attend serve</code> in einem anderen gibt dieselbe Adresse noch einmal aus.',
      '<code>attend serve --open</code> öffnet sie in Ihrem Browser.',
    ],
  },
};

/**
 * For a person who opens the server without its token, or with a wrong one: what happened, and the way in.
 * @param languages what the browser prefers, as its `Accept-Language` has it
 */
export function sendDoor(response: ServerResponse, reason: Reason, languages = ''): void {
  const preferred = languages.split(',').map((one) => one.split(';')[0]?.trim() ?? '');
  const tag = chooseLanguage('system', preferred, Object.keys(TEXTS)) as keyof typeof TEXTS;
  const { title, ways, why, ...reasons } = TEXTS[tag];
  const page = `<!doctype html>
<html lang="${tag}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Attend</title><style>${STYLE}</style></head>
<body>
<h1>${title}</h1>
${reason === 'unknown' ? '' : `<p>${reasons[reason]}</p>\n`}<p>${why}</p>
<ul>
${ways.map((way) => `<li>${way}</li>`).join('\n')}
</ul>
</body>
</html>
`;
  send(response, reason === 'unknown' ? 401 : 403, 'text/html; charset=utf-8', page, {
    'content-security-policy': POLICY,
  });
}
