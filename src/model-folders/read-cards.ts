import { readFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';

/** The cards of some models, each once, in order: the README.md of a model's folder. One without a card is left out. */
export async function readCards(folders: readonly string[]): Promise<{ name: string; card: string }[]> {
  const places = [...new Set(folders.map((folder) => resolve(folder)))];
  const cards = places.map(async (folder) => {
    const card = await readFile(join(folder, 'README.md'), 'utf8').catch(() => undefined);
    return card === undefined ? [] : [{ name: basename(folder), card }];
  });
  return (await Promise.all(cards)).flat();
}
