import { setTimeout as pause } from 'node:timers/promises';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { Random } from '../../src/engine/random.ts';
import type { Start } from './attend-process.ts';

export interface KilledRun {
  kills: number;
  photos: number;
  /** Photos without a line in the results, or without their text. */
  lost: number;
  /** Photos with two lines, or with more in their text than their caption. */
  doubled: number;
  /** Files that nobody asked for. */
  strays: number;
}

/**
 * Captions a folder of photos into a list and texts beside them, and ends that again and again with SIGKILL, each time
 * after some more photos and a moment of chance; then lets it come to its end.
 * @param folder photos lie in its folder "photos", and nothing else
 * @param args more for `attend caption`
 */
export async function killFolderRun(
  start: Start,
  folder: string,
  { kills, seed, args = [] }: { kills: number; seed: number; args?: readonly string[] },
): Promise<KilledRun> {
  const random = new Random(seed);
  const photos = (await readdir(join(folder, 'photos'))).sort();
  const results = join(folder, 'results.jsonl');
  const linesThere = async (): Promise<string[]> =>
    (await readFile(results, 'utf8').catch(() => '')).split('\n').filter((line) => line !== '');
  const command = ['caption', 'photos', '--jsonl', '-o', 'results.jsonl', '--resume'];
  const begin = (): ReturnType<Start> =>
    start([...command, '--write', 'txt', '--existing', 'append', '--batch', '2', ...args], { cwd: folder });
  let killed = 0;
  for (let kill = 1; kill <= kills; kill++) {
    const child = begin();
    const ended = new Promise((resolve) => child.once('close', resolve));
    const wanted = Math.floor((kill * photos.length) / (kills + 1));
    while (child.exitCode === null && (await linesThere()).length < wanted) await pause(10);
    await Promise.race([pause(random.next() * 150), ended]);
    if (child.kill('SIGKILL')) killed++;
    await ended;
  }
  const last = begin();
  let said = '';
  last.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const code = await new Promise((resolve) => last.once('close', resolve));
  if (code !== 0) throw new Error(`The last run ended with ${String(code)}: ${said}`);

  const lines = (await linesThere()).map((line) => JSON.parse(line) as { file: string; caption: string });
  const run: KilledRun = { kills: killed, photos: photos.length, lost: 0, doubled: 0, strays: 0 };
  for (const photo of photos) {
    const own = lines.filter(({ file }) => file === join('photos', photo));
    const text = await readFile(join(folder, 'photos', textOf(photo)), 'utf8').catch(() => '');
    if (own.length === 0 || text === '') run.lost++;
    else if (own.length > 1 || text !== `${own[0]?.caption}\n`) run.doubled++;
  }
  const expected = new Set([...photos, ...photos.map(textOf)]);
  run.strays = (await readdir(join(folder, 'photos'))).filter((name) => !expected.has(name)).length;
  return run;
}

const textOf = (photo: string): string => `${photo.slice(0, -extname(photo).length)}.txt`;
