import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { loadCaptioner } from '../../src/captioning/captioner-model.ts';
import { findCaptioner } from '../../src/captioning/find-captioner.ts';
import { PhotoCaptioner } from '../../src/captioning/photo-captioner.ts';
import { entropyOf } from '../../src/engine/attention/divergence.ts';
import { packageRoot } from '../../src/files/package-root.ts';
import { modelsFolder } from '../../src/model-folders/installed-models.ts';
import { TextTranslator } from '../../src/translation/text-translator.ts';
import { useTestBackend } from '../support/backend.ts';

useTestBackend();

const control = { signal: new AbortController().signal, report: () => undefined };
const lecture = (await readFile(join(packageRoot(), 'docs', 'laboratory', 'lecture.md'), 'utf8')).replace(/\s+/g, ' ');

/** What the lecture says in a sentence; of numbers in it, as they are printed. */
function told(sentence: RegExp): string[] {
  const found = sentence.exec(lecture);
  if (!found) throw new Error(`The lecture has no sentence ${sentence} any more: change this test with it.`);
  return found.slice(1);
}

/** The last digit may differ by one: so much backends are apart. */
function expectTold(sentence: RegExp, numbers: readonly number[]): void {
  for (const [i, printed] of told(sentence).entries()) {
    const decimals = printed.split('.')[1]?.length ?? 0;
    const off = Math.abs(Number(printed.replace('−', '-')) - (numbers[i] as number));
    expect(
      off,
      `docs/laboratory/lecture.md is out of date: it says ${printed} in ${sentence}, it is ${numbers[i]}`,
    ).toBeLessThan(1.51 * 10 ** -decimals);
  }
}

it('the lecture has the figures that the shipped captioner gives', async () => {
  const captioner = new PhotoCaptioner(await loadCaptioner(findCaptioner()));
  const source = join(packageRoot(), 'assets', 'samples', 'dog-in-snow.jpg');
  const photo = { key: source, name: 'dog-in-snow.jpg', source };
  const { captions } = await captioner.caption({ photo, options: {} }, control);
  expect(told(/The caption is “([^”]+)”/)).toEqual([captions[0]!.caption]);
  const words = captions[0]!.words.map(({ word }) => word);
  const lookAt = async (word: string) =>
    (await captioner.trace({ photo, prefix: words.slice(0, words.indexOf(word)), change: {} }, control)).step.look!;
  const dog = await lookAt('dog');
  expectTold(/scores lie between (−[\d.]+) and (−[\d.]+);/, [Math.min(...dog.scores), Math.max(...dog.scores)]);
  expectTold(/The spread is ([\d.]+) of ([\d.]+) bits/, [entropyOf(dog.weights), Math.log2(dog.weights.length)]);
  const spreads: number[] = [];
  for (const word of ['black', 'dog', 'snow', 'running', 'is']) spreads.push(entropyOf((await lookAt(word)).weights));
  expectTold(
    /([\d.]+) bits at _black_ and ([\d.]+) at _dog_, ([\d.]+) at _snow_, .* ([\d.]+) at _running_, ([\d.]+) at _is_/,
    spreads,
  );
  const { weights: seen } = await captioner.maps({ kind: 'posterior', photo, words }, control);
  expectTold(/at _dog_ the spread goes from ([\d.]+) to ([\d.]+) bits/, [
    entropyOf(dog.weights),
    entropyOf(seen[words.indexOf('dog')]!),
  ]);
  const { nodes } = await captioner.tree({ photo, beam: 3 }, control);
  const ended = nodes.filter(({ fate }) => fate === 'finished').map(({ score }) => score);
  expectTold(
    /three sentences have ended, at (−[\d.]+), (−[\d.]+) .*? and (−[\d.]+) \(/,
    ended.toSorted((a, b) => b - a),
  );
  captioner.dispose();
});

it('the lecture has the figures that the shipped translators give', async () => {
  const translator = new TextTranslator({ models: modelsFolder(), useBackend: () => Promise.resolve() });
  const lookAtHund = async (kind: string) => {
    const asked = { text: 'A dog runs through the snow.', to: 'de', model: `comparison-${kind}` };
    const first = await translator.trace({ ...asked, step: 0 }, control);
    const step = first.target.findIndex(({ text }) => text.includes('Hund'));
    const { source, step: traced } = await translator.trace({ ...asked, written: first.written, step }, control);
    const { weights } = traced.look!;
    const on = (word: string): number => 100 * (weights[source.findIndex(({ text }) => text === `▁${word}`)] as number);
    return { dog: on('dog'), a: on('A'), spread: entropyOf(weights) };
  };
  const additive = await lookAtHund('additive');
  expectTold(/At _Hund_ (\d+) % of the weight is on _dog_ \(([\d.]+) of 3 bits\)/, [additive.dog, additive.spread]);
  const dot = await lookAtHund('dot');
  expectTold(/_GRU with scaled dot attention_ has (\d+) % on _dog_ and (\d+) % on _A_ \(([\d.]+) bits\)/, [
    dot.dog,
    dot.a,
    dot.spread,
  ]);
  translator.dispose();
});
