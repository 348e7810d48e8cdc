import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/files/package-root.ts';
import { REQUESTS } from '../../src/contract/requests.ts';
import type { StepTrace } from '../../src/contract/data/traces.ts';
import { loadCaptioner } from '../../src/captioning/captioner-model.ts';
import { findCaptioner } from '../../src/captioning/find-captioner.ts';
import { PhotoCaptioner } from '../../src/captioning/photo-captioner.ts';
import { modelsFolder } from '../../src/model-folders/installed-models.ts';
import { logitOf, scoreOf, softmax, weightedSum } from '../../src/renderer/learn/arithmetic.ts';
import { TextTranslator } from '../../src/translation/text-translator.ts';
import { useTestBackend } from '../support/backend.ts';

useTestBackend();

const control = { signal: new AbortController().signal, report: () => undefined };

/** What a page computes of a trace must be what the engine computed. */
function expectSame({ gate, gated, likeliest, logSum, look, output }: StepTrace): void {
  const close = (actual: readonly number[], expected: readonly number[]): void => {
    expect(actual).toHaveLength(expected.length);
    // Relative where numbers are large: dot scores of 256 numbers are.
    for (const [i, value] of expected.entries()) {
      expect(Math.abs(actual[i]! - value) / Math.max(1, Math.abs(value))).toBeLessThan(1e-5);
    }
  };
  expect(look).not.toBeNull();
  close(
    look!.keys.map((_, i) => scoreOf(look!, i)),
    look!.scores,
  );
  close(softmax(look!.seen), look!.weights);
  close(weightedSum(look!.weights, look!.values), look!.context);
  if (gate !== undefined)
    close(
      look!.context.map((x) => gate * x),
      gated!,
    );
  for (const one of likeliest) {
    close([logitOf(output, one)], [one.logit]);
    close([Math.exp(one.logit - logSum)], [one.probability]);
  }
}

describe('the shipped translators of the comparison', () => {
  let translator: TextTranslator;
  beforeAll(() => {
    translator = new TextTranslator({ models: modelsFolder(), useBackend: () => Promise.resolve() });
  });
  afterAll(() => translator.dispose());

  it.each(['additive', 'dot', 'general', 'concat', 'key-query', 'summary', 'transformer', 'conv-s2s'])(
    'can be taken apart: %s',
    async (kind) => {
      const asked = { text: 'A dog runs through the snow.', to: 'de', model: `comparison-${kind}` };
      const first = await translator.trace({ ...asked, step: 0 }, control);
      expect(REQUESTS['learn.sentence'].output.parse(first)).toEqual(first);
      for (const [step] of first.target.entries()) {
        const traced = await translator.trace({ ...asked, written: first.written, step }, control);
        expectSame(traced.step);
        // Along its own translation, what it wrote is what was likeliest, or nearly so.
        const place = traced.step.likeliest.findIndex(
          ({ word }) => word === (first.target[step]!.text === '<end>' ? null : first.target[step]!.text),
        );
        expect(place).toBeLessThan(5);
      }
    },
  );
});

describe('the search of a shipped model', () => {
  it('is a tree whose best leaf is the translation', async () => {
    const translator = new TextTranslator({ models: modelsFolder(), useBackend: () => Promise.resolve() });
    const wanted = { text: 'A dog runs through the snow.', to: 'de' };
    for (const model of ['comparison-additive', 'comparison-transformer']) {
      const tree = await translator.tree({ ...wanted, model }, control);
      const { sentences } = await translator.translate({ ...wanted, model }, control);
      expect(tree.text).toBe(sentences[0]!.translations[0]!.text);
      expect(tree.nodes[tree.best!]!.score).toBeCloseTo(sentences[0]!.translations[0]!.score, 4);
    }
    translator.dispose();
  });

  it('is a tree whose best leaf is the caption', async () => {
    const captioner = new PhotoCaptioner(await loadCaptioner(findCaptioner(undefined, modelsFolder())));
    const path = join(packageRoot(), 'assets', 'samples', 'dog-in-snow.jpg');
    const photo = { key: path, name: 'dog', source: path };
    const tree = await captioner.tree({ photo }, control);
    const { captions } = await captioner.caption({ photo, options: {} }, control);
    expect(tree.text).toBe(captions[0]!.caption);
    expect(new Set(tree.nodes.map(({ fate }) => fate)).size).toBeGreaterThan(2);
    captioner.dispose();
  });
});

describe('the shipped captioner', () => {
  it('can be taken apart, and hiding where it looked changes the word’s probability', async () => {
    const captioner = new PhotoCaptioner(await loadCaptioner(findCaptioner(undefined, modelsFolder())));
    const path = join(packageRoot(), 'assets', 'samples', 'dog-in-snow.jpg');
    const photo = { key: path, name: 'dog', source: path };
    const trace = (change = {}) => captioner.trace({ photo, prefix: ['a', 'black'], change }, control);
    const found = await trace();
    expect(REQUESTS['learn.caption'].output.parse(found)).toEqual(found);
    expectSame(found.step);
    const { likeliest, look } = found.step;
    expect(likeliest[0]!.word).toBe('dog');
    const most = Math.max(...look!.weights);
    const hidden = await trace({
      scores: look!.scores.map((score, i) => (look!.weights[i]! > most / 4 ? null : score)),
    });
    expectSame(hidden.step);
    expect(hidden.step.likeliest[0]!.probability).not.toBeCloseTo(likeliest[0]!.probability, 4);
    captioner.dispose();
  });
});
