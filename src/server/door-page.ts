import { escapeXml } from '../files/xml.ts';
import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { AttendError } from '../contract/attend-error.ts';
import { send } from './http-answers.ts';

const STYLE = `
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
  body { max-width: 34rem; margin: 12vh auto 0; padding: 0 1.5rem; }
  h1 { font-size: 1.5rem; }
  code { padding: 0.1em 0.35em; border-radius: 0.3em; background: color-mix(in srgb, currentColor 10%, transparent); }
`;

/** The one style that this page has, by its digest: nothing else inline counts. */
const POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; frame-ancestors 'none'`;

/** For a person who opens the server without its token, or with a wrong one: what happened, and the way in. */
export function sendDoor(response: ServerResponse, { code, message }: AttendError): void {
  const page = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Attend</title><style>${STYLE}</style></head>
<body>
<h1>Attend runs, but does not know this window</h1>
<p>${escapeXml(message)}</p>
<p>Only whoever knows the token in the address may see the photos and captions. The whole address, with
<code>?token=</code>, stands in the terminal in which <code>attend serve</code> runs; running <code>attend serve</code> once
more in another terminal prints it again, and <code>attend serve --open</code> opens it.</p>
</body>
</html>
`;
  send(response, code === 'unauthorized' ? 401 : 403, 'text/html; charset=utf-8', page, {
    'content-security-policy': POLICY,
  });
}
