import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Random } from '../../../src/engine/random.ts';
import { TranslatorRunConfig } from '../../../src/training/translator/translator-config.ts';
import { readTrainingTexts } from '../../../src/training/translator/translation-examples.ts';
import { runTranslatorTraining, type TranslatorEvent } from '../../../src/training/translator/translator-run.ts';
import { loadTranslator } from '../../../src/translation/translator-model.ts';
import { describeNative, useTestBackend } from '../../support/backend.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'attend-translator-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Sentences of a toy language pair whose translation turns the words round. */
async function writeTexts(lines: number): Promise<void> {
  const random = new Random(4);
  const words = ['one', 'two', 'three', 'four', 'five'];
  const sentences = Array.from({ length: lines }, () =>
    Array.from({ length: 1 + random.integer(4) }, () => words[random.integer(words.length)]!),
  );
  await writeFile(join(folder, 'text.en'), sentences.map((sentence) => `${sentence.join(' ')}\n`).join(''));
  const turned = sentences.map((sentence) => `${sentence.toReversed().join(' ').toUpperCase()}\n`).join('');
  await writeFile(join(folder, 'text.de.gz'), gzipSync(turned));
}

const text = { source: 'text.en', target: 'text.de.gz', sourceLanguage: 'en', targetLanguage: 'de' };
const input = {
  name: 'toy',
  seed: 2,
  model: {
    architecture: 'transformer',
    size: 16,
    heads: 2,
    feedForwardSize: 16,
    encoderLayers: 1,
    decoderLayers: 1,
  },
  vocabulary: { size: 310, minCharacterCount: 1 },
  data: [text],
  maxTokens: 20,
  validation: { texts: [{ ...text, sentences: 8 }], finalBeam: 2 },
  stages: [
    {
      name: 'words',
      updates: 12,
      tokensPerBatch: 100,
      schedule: { rate: 0.01, warmUp: 4, decay: 'inverse-sqrt' },
      dropout: 0.1,
      bpeDropout: 0.1,
      labelSmoothing: 0.1,
      averaging: 0.9,
      lastCheckpoints: { count: 2, every: 3 },
      validateEvery: 6,
    },
    {
      name: 'few',
      data: [{ ...text, weight: 0.5 }],
      updates: 4,
      tokensPerBatch: 100,
      schedule: { rate: 0.002, decay: 'constant' },
      validateEvery: 4,
    },
  ],
};
const config = TranslatorRunConfig.parse(input);

describe('TranslatorRunConfig', () => {
  it.each([
    [{ ...input, sed: 2 }, 'sed'],
    [{ ...input, model: { ...input.model, architecture: 'rnn' } }, 'architecture'],
    [{ ...input, stages: [{ ...input.stages[0], dropout: 1 }] }, '<1'],
    [{ ...input, stages: [] }, 'stages'],
    [{ ...input, data: [] }, 'data'],
    [{ ...input, data: [{ ...text, targetLanguage: 'German' }] }, 'German is not a language code'],
  ])('refuses what no run can do', (wrong, what) => {
    const { error } = TranslatorRunConfig.safeParse(wrong);
    expect(JSON.stringify(error?.issues)).toContain(what.replace('German ', ''));
  });
});

describe('readTrainingTexts', () => {
  it('weighs lines by their origin, leaves noise and held-out sentences out, and says what it left out', async () => {
    await writeFile(join(folder, 'a.en'), 'A dog.\nA dog!\nA cat sleeps.\nTwo men.\nSame\nA bird sings.\n');
    await writeFile(join(folder, 'a.de'), 'Ein Hund.\nEin Hund\nEine Katze.\nДва.\nSame\nEin Vogel.\n');
    await writeFile(join(folder, 'a.src'), 'good\ngood\nbad\ngood\ngood\nfine\n');
    await writeFile(join(folder, 'test.de'), 'Ein Vogel!\n');
    const data = TranslatorRunConfig.shape.data.parse([
      {
        ...{ source: 'a.en', target: 'a.de', sourceLanguage: 'en', targetLanguage: 'de' },
        ...{ weight: 2, clean: true, origins: { file: 'a.src', weights: { good: 1.5, bad: 0 } } },
      },
    ]);
    const { texts, reports } = await readTrainingTexts({ data, heldOut: ['test.de'] }, folder);
    expect(texts[0]!.pairs).toEqual([{ source: 'A dog.', target: 'Ein Hund.' }]);
    expect([...texts[0]!.weights]).toEqual([3]);
    expect(reports[0]).toMatchObject({ lines: 6, kept: 1, dropped: { duplicate: 2, script: 1, copied: 1 } });
  });

  it('takes only what is about some words, where a text names them', async () => {
    const lines = [
      'A zebra.',
      'Two Zebras run.',
      'A hot dog stand.',
      'A dog is hot.',
      'A zebrafish.',
      'An old stove+oven.',
    ];
    await writeFile(join(folder, 'w.en'), `${lines.join('\n')}\n`);
    await writeFile(join(folder, 'w.de'), `${lines.map((_, i) => `Satz ${i}.`).join('\n')}\n`);
    const data = TranslatorRunConfig.shape.data.parse([
      {
        ...{ source: 'w.en', target: 'w.de', sourceLanguage: 'en', targetLanguage: 'de' },
        words: 'zebra, hot dog, stove+oven',
      },
    ]);
    const { reports, texts } = await readTrainingTexts({ data, heldOut: [] }, folder);
    expect(texts[0]!.pairs.map(({ target }) => target)).toEqual(['Satz 0.', 'Satz 1.', 'Satz 2.', 'Satz 5.']);
    expect(reports[0]).toMatchObject({ lines: 6, kept: 4 });
  });

  it('adds the phrasebook in the languages of the texts, without sentences that are held out', async () => {
    const tables = { things: 'kind\ten\tde\ntoy\tball/balls\tm Ball/Bälle\n', adjectives: 'kinds\ten\tde\n' };
    const sentences = 'kinds\ten\tde\ntoy\t{a} rolls.\t{a} rollt.\ntoy\t{two} roll.\t{two} rollen.\n';
    for (const [name, table] of Object.entries({ ...tables, sentences })) {
      await writeFile(join(folder, `${name}.tsv`), table);
    }
    await writeFile(join(folder, 'p.en'), 'A dog.\n');
    await writeFile(join(folder, 'p.de'), 'Ein Hund.\n');
    await writeFile(join(folder, 'held.en'), 'two balls roll\n');
    const from = { source: 'p.en', target: 'p.de', sourceLanguage: 'en', targetLanguage: 'de' };
    const data = TranslatorRunConfig.shape.data.parse([from, { ...from, weight: 2 }]);
    const phrasebook = { folder, weight: 3 };
    const { reports, texts } = await readTrainingTexts({ data, heldOut: ['held.en'], phrasebook }, folder);
    expect(texts).toHaveLength(3);
    expect(texts[2]!.pairs).toEqual([{ source: 'A ball rolls.', target: 'Ein Ball rollt.' }]);
    expect([...texts[2]!.weights]).toEqual([3]);
    expect(reports[2]).toMatchObject({ source: folder, lines: 2, kept: 1, dropped: { duplicate: 1 } });
  });

  it('names files that do not belong together, and what is missing', async () => {
    await writeFile(join(folder, 'a.en'), 'one\ntwo\n');
    await writeFile(join(folder, 'a.de'), 'eins\n');
    const data = (target: string) => [{ ...config.data[0]!, source: 'a.en', target }];
    await expect(readTrainingTexts({ data: data('a.de'), heldOut: [] }, folder)).rejects.toThrow(
      'a.en has 2 lines and a.de has 1; they must be parallel.',
    );
    await expect(readTrainingTexts({ data: data('b.de'), heldOut: [] }, folder)).rejects.toThrow(
      'there is no such file',
    );
    await writeFile(join(folder, 'c.de.gz'), 'eins\n');
    await expect(readTrainingTexts({ data: data('c.de.gz'), heldOut: [] }, folder)).rejects.toThrow(
      'is not a whole gzip file',
    );
  });
});

describeNative('runTranslatorTraining', () => {
  useTestBackend();

  const steps = (events: readonly TranslatorEvent[]): [string, number][] =>
    events.flatMap((event): [string, number][] =>
      event.kind === 'step' ? [[`${event.stage} ${event.step}`, event.loss]] : [],
    );

  /** @param stopAfter the step after which it is interrupted, with its stage */
  async function train(
    run: string,
    stopAfter?: string,
    startFrom?: string,
  ): Promise<{ finished: boolean; events: TranslatorEvent[] }> {
    const events: TranslatorEvent[] = [];
    const stop = new AbortController();
    const report = (event: TranslatorEvent): void => {
      events.push(event);
      if (event.kind === 'step' && `${event.stage} ${event.step}` === stopAfter) stop.abort();
    };
    const finished = await runTranslatorTraining(
      { ...config, startFrom },
      { data: folder, run: join(folder, run), runs: folder },
      report,
      stop.signal,
    );
    return { finished, events };
  }

  it('learns, goes on after an interruption as if there had been none, and leaves a translator', async () => {
    await writeTexts(60);
    const whole = await train('whole');
    expect(whole.finished).toBe(true);
    const losses = steps(whole.events);
    expect(losses.at(-1)![1]).toBeLessThan(losses[0]![1]);

    const first = await train('parts', 'words 4');
    const second = await train('parts', 'words 7');
    const third = await train('parts', 'few 2');
    const fourth = await train('parts');
    expect([first, second, third, fourth].map(({ finished }) => finished)).toEqual([false, false, false, true]);
    const resumed = [first, second, third, fourth].flatMap(({ events }) => steps(events));
    expect(resumed.map(([step]) => step)).toEqual(losses.map(([step]) => step));
    for (const [i, [, loss]] of resumed.entries()) expect(loss).toBeCloseTo(losses[i]![1], 4);
    const candidates = whole.events.filter((event) => event.kind === 'candidate');
    expect(candidates.map(({ name, stage }) => `${stage}: ${name.replace(/\d+/, 'n')}`)).toEqual([
      'words: last',
      'words: best at validation',
      'words: average of the last n checkpoints',
      'few: last',
    ]);
    for (const stage of ['words', 'few']) {
      const own = candidates.filter((candidate) => candidate.stage === stage);
      const best = own.reduce((one, other) => (other.bleu > one.bleu ? other : one));
      const ends = whole.events.filter((event) => event.kind === 'finished' && event.stage === stage);
      expect(ends).toMatchObject([{ name: best.name, bleu: best.bleu }]);
    }

    const translator = await loadTranslator(join(folder, 'parts', 'final'));
    const { from, to, runName, tokenizer } = translator;
    expect({ from, to, runName }).toEqual({ from: 'en', to: ['de'], runName: 'toy' });
    const kept: unknown = JSON.parse(await readFile(join(folder, 'parts', 'vocabulary.json'), 'utf8'));
    expect(JSON.parse(JSON.stringify(tokenizer))).toEqual(kept);
    translator.dispose();

    // From the end of a run, or of one of its stages.
    for (const from of ['whole', 'whole/1-words']) {
      const further = await train(`from-${from.replace('/', '-')}`, 'words 1', from);
      expect(steps(further.events)[0]![1]).toBeLessThan(losses[0]![1]);
    }
  }, 180_000);
});
