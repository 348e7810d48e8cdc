import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { translateCaptions } from '../../src/captioning/translate-caption.ts';
import {
  CaptionedPhoto,
  type CaptionResult,
  type TranslatedCaption,
  type Word,
} from '../../src/contract/data/captions.ts';
import type { Photo } from '../../src/contract/data/photos.ts';
import { captionSentence } from '../../src/engine/text/caption-sentence.ts';
import { captionWords } from '../../src/engine/text/caption-words.ts';
import { packageRoot } from '../../src/files/package-root.ts';
import { modelsFolder } from '../../src/model-folders/installed-models.ts';
import { startServer, type AttendServer } from '../../src/server/attend-server.ts';
import { AttendService } from '../../src/service/attend-service.ts';
import { dispatch } from '../../src/service/dispatch.ts';
import { ModelHost } from '../../src/service/models/model-host.ts';
import type { ModelTasks } from '../../src/service/models/model-tasks.ts';
import { TASK_ERRORS } from '../../src/service/task-errors.ts';
import { LocalTasks } from '../../src/tasks/local-tasks.ts';
import { findTranslator } from '../../src/translation/find-translator.ts';
import { loadTranslator } from '../../src/translation/translator-model.ts';
import { backendUnderTest, describeGraphs, useTestBackend } from '../support/backend.ts';
import { useCli } from '../support/cli.ts';
import { temporaryFolder } from '../support/tiny-captioner.ts';

vi.setConfig({ testTimeout: 300_000 });
useTestBackend();
const cli = useCli();

const SAMPLES = join(packageRoot(), 'assets', 'samples');
const photos = (await readdir(SAMPLES)).filter((name) => name.endsWith('.jpg')).sort();
const paths = photos.map((name) => join(SAMPLES, name));

let folder: { path: string; remove: () => Promise<void> };
let service: AttendService;
let server: AttendServer;
beforeAll(async () => {
  folder = await temporaryFolder();
  service = await AttendService.open({
    door: 'browser',
    data: join(folder.path, 'data'),
    cache: join(folder.path, 'cache'),
    models: new LocalTasks<ModelTasks>(new ModelHost({ backend: backendUnderTest }), TASK_ERRORS),
  });
  server = await startServer({ service, port: 0, pages: folder.path, uploadLimit: 1e8 });
});
afterAll(async () => {
  await server.close();
  await service.close();
  await folder.remove();
});

/** What a person reads of a captioned photo, wherever they asked. */
interface Said {
  caption: string;
  alternatives: { caption: string; words: string[] }[];
  keywords: readonly string[] | undefined;
}
const texts = (words: readonly Word[] = []): string[] => words.map(({ word }) => word);
const saidOf = ({ alternatives, caption, keywords }: CaptionedPhoto): Said => ({
  caption,
  alternatives: alternatives.map(({ caption: text, words }) => ({ caption: text, words: texts(words) })),
  keywords,
});

async function commandLine(...args: string[]): Promise<CaptionedPhoto[]> {
  const { stdout, stderr, code } = await cli.run(['caption', ...paths, '--json', '--keywords', ...args]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return CaptionedPhoto.array().parse(JSON.parse(stdout));
}

async function request(name: string, options: string): Promise<CaptionedPhoto> {
  const answer = await fetch(`${server.origin}/v1/caption?name=${name}&keywords=true&${options}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${server.token}` },
    body: await readFile(join(SAMPLES, name)),
  });
  return CaptionedPhoto.parse(await answer.json());
}

let added: Promise<Photo[]> | undefined;
async function page(): Promise<Photo[]> {
  const sorted = async (): Promise<Photo[]> => {
    const output = (await dispatch(service.handlers, 'photos.samples', {})) as { photos: Photo[] };
    return output.photos.sort((a, b) => (a.name < b.name ? -1 : 1));
  };
  return (added ??= sorted());
}

// On WASM the models say what they say on ONNX Runtime (shipped-models-onnx.test.ts), and take several times as long.
describeGraphs('command line, /v1 and page', () => {
  it('say the same of each sample: caption, alternatives and keywords', async () => {
    const printed = (await commandLine('--alternatives', '4', '--alternatives-with-maps')).map(saidOf);
    const answered: Said[] = [];
    for (const name of photos) answered.push(saidOf(await request(name, 'alternatives=4&alternativesWithMaps=true')));
    expect(answered).toEqual(printed);
    const shown: Said[] = [];
    for (const { id } of await page()) {
      const wanted = { photoId: id, alternatives: 4 };
      const { captions, keywords } = (await dispatch(service.handlers, 'caption.run', wanted)) as CaptionResult;
      const [best, ...others] = captions;
      const alternatives = others.map(({ caption, words }) => ({ caption, words: texts(words) }));
      shown.push({ caption: best!.caption, alternatives, keywords });
    }
    expect(shown).toEqual(printed);
    // The same without alternatives, as the command line is mostly asked.
    const alone = (await commandLine()).map(saidOf);
    expect(alone).toEqual(printed.map((said) => ({ ...said, alternatives: [] })));
  });

  it('say a more general word for one that the model is not sure of, where that is asked for', async () => {
    const name = 'surfer-on-wave.jpg';
    const wordsOf = ({ alternatives }: CaptionedPhoto): unknown =>
      alternatives.flatMap(({ words = [] }) => words.flatMap(({ said, word }) => (said ? [[word, said]] : [])));
    const wanted = ['--alternatives', '9', '--alternatives-with-maps'];
    const printed = await commandLine(...wanted, '--wording', 'careful');
    const one = printed.find(({ file }) => file.endsWith(name))!;
    expect(wordsOf(one)).toContainEqual(['man', 'person']);
    const careful = 'A person in a wetsuit is surfing on a surfboard.';
    expect(one.alternatives.map(({ caption }) => caption)).toContain(careful);
    const query = 'alternatives=9&alternativesWithMaps=true';
    expect(saidOf(await request(name, `${query}&wording=careful`))).toEqual(saidOf(one));
    expect(wordsOf(await request(name, query))).toEqual([]);

    const photo = (await page()).find((sample) => sample.name === name)!;
    const shown = async (wording: string): Promise<string[]> => {
      await dispatch(service.handlers, 'settings.set', { wording });
      const asked = { photoId: photo.id, alternatives: 9 };
      const { captions } = (await dispatch(service.handlers, 'caption.run', asked)) as CaptionResult;
      return captions.map(({ caption }) => caption);
    };
    expect(await shown('careful')).toEqual([one.caption, ...one.alternatives.map(({ caption }) => caption)]);
    expect(await shown('plain')).not.toContain(careful);
  });

  it('carry the maps over to the same German words', async () => {
    const [first] = await commandLine('--language', 'de');
    const [photo] = await page();
    const found = (await dispatch(service.handlers, 'caption.run', { photoId: photo!.id })) as CaptionResult;
    const { caption, words } = found.captions[0]!;
    const wanted = { caption, words, to: 'de' };
    const translated = (await dispatch(service.handlers, 'caption.translate', wanted)) as TranslatedCaption;
    expect(translated.caption).toBe(first!.caption);
    expect(texts(translated.words)).toEqual(texts(first!.words));
    translated.words.forEach(({ weights }, i) =>
      weights.forEach((weight, cell) => expect(weight).toBeCloseTo(first!.words[i]!.weights[cell]!, 3)),
    );
  });
});

describeGraphs('a German word', () => {
  /** Each word of the caption looked at a cell of its own. */
  async function origins(sentence: string): Promise<Map<string, string>> {
    const names = captionWords(sentence);
    const words = names.map((word, i) => ({ word, probability: 1, weights: names.map((_, j) => (i === j ? 1 : 0)) }));
    const { folder: found } = await findTranslator({ to: 'de', domain: 'captions' }, modelsFolder());
    const model = await loadTranslator(found);
    try {
      const [translated] = await translateCaptions(model, [{ caption: captionSentence(names), words }], { to: 'de' });
      return new Map(
        translated!.words.map(({ word, weights }) => [word, names[weights.indexOf(Math.max(...weights))] ?? '']),
      );
    } finally {
      model.dispose();
    }
  }

  it.each<[string, Record<string, string>]>([
    ['a boy in a red shirt is holding his hand up', { Junge: 'boy', roten: 'red' }],
    ['a black-and-white dog is running through the snow', { Hund: 'dog', Schnee: 'snow' }],
    ["a man who does n't wear a shirt is holding a hat", { Mann: 'man', Hut: 'hat' }],
    ['a dog and a boy and a girl are sitting on a bench', { Hund: 'dog', Junge: 'boy', Bank: 'bench' }],
    ['a man and two children are standing in the snow', { zwei: 'two', Kinder: 'children', stehen: 'standing' }],
    ['a brown dog is running through the grass', { Hund: 'dog', rennt: 'running', durch: 'through' }],
  ])('looked where the word that it comes from did: %s', async (sentence, expected) => {
    const found = await origins(sentence);
    expect(Object.fromEntries(found)).toMatchObject(expected);
    // A full stop is nowhere in a photo.
    expect([...found.keys()].filter((word) => !/[\p{L}\p{N}]/u.test(word))).toEqual([]);
  });
});
