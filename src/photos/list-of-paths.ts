import { existsSync } from 'node:fs';
import { TextDecoder } from 'node:util';

/**
 * The paths in a list: a line each, or with a zero byte after each, as `find -print0` writes them (a name may then hold
 * line ends). In UTF-8, or in UTF-16 as PowerShell writes it. Quotes around a path, as "Copy as path" puts them, go;
 * empty lines are left out.
 */
export async function* listOfPaths(input: AsyncIterable<Uint8Array | string>): AsyncGenerator<string> {
  let decoder: TextDecoder | undefined;
  let end: RegExp | undefined;
  let rest = '';
  for await (const chunk of input) {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    decoder ??= new TextDecoder(encodingOf(bytes));
    rest += decoder.decode(bytes, { stream: true });
    end ??= rest.includes('\0') ? /\0/ : rest.includes('\n') ? /\r?\n/ : undefined;
    if (!end) continue;
    const paths = rest.split(end);
    rest = paths.pop() ?? '';
    yield* paths.filter((path) => path !== '').map(unquoted);
  }
  rest = (rest + (decoder?.decode() ?? '')).replace(/\r$/, '');
  if (rest !== '') yield unquoted(rest);
}

function encodingOf(bytes: Uint8Array): string {
  const [first = 1, second = 1, third = 1, fourth = 1] = bytes;
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  // Without a mark every other byte of a path in Latin letters is zero.
  if (second === 0 && fourth === 0 && first !== 0 && third !== 0) return 'utf-16le';
  if (first === 0 && third === 0 && second !== 0 && fourth !== 0) return 'utf-16be';
  return 'utf-8';
}

function unquoted(path: string): string {
  const quoted = /^(["'])(.+)\1$/s.exec(path.trim());
  return quoted && !existsSync(path) ? (quoted[2] as string) : path;
}
