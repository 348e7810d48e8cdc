import { beforeAll, describe, expect, it, vi } from 'vitest';
import { startTraining } from '../../../../src/engine/laboratory/gradients.ts';
import { answerStories, type StoryAnswer } from '../../../../src/engine/laboratory/stories/answer-stories.ts';
import type { Fact } from '../../../../src/engine/laboratory/stories/story.ts';
import { unpackNetwork } from '../../../../src/engine/laboratory/stories/trained-network.ts';
import { Asking, type StoriesWorker } from '../../../../src/renderer/learn/stories/asking.svelte.ts';
import type { FromStories, ToStories } from '../../../../src/renderer/learn/stories/stories-messages.ts';
import { HOPS, TRAINED_NETWORKS } from '../../../../src/renderer/learn/stories/trained-networks.ts';
import { open, settled } from '../../support/open-app.ts';

/** A worker that is told what to say. */
function fakeWorker() {
  const heard: ToStories[] = [];
  const worker: StoriesWorker & { heard: ToStories[]; say: (message: FromStories) => void } = {
    heard,
    postMessage: (message) => void heard.push(message),
    onmessage: null,
    onerror: null,
    say: (data) => worker.onmessage?.({ data } as MessageEvent),
  };
  return worker;
}

const answered = (answer: string, probability: number, weights: number[][]): StoryAnswer => ({
  answer,
  likeliest: [
    { answer, probability },
    { answer: 'garden', probability: 1 - probability },
  ],
  weights,
});

describe('the networks that come with the page', () => {
  beforeAll(startTraining);
  const FACTS: Fact[] = [
    { kind: 'went', person: 'Anna', place: 'kitchen' },
    { kind: 'took', person: 'Anna', thing: 'book' },
    { kind: 'went', person: 'Ben', place: 'garden' },
    { kind: 'went', person: 'Anna', place: 'office' },
    { kind: 'took', person: 'Ben', thing: 'key' },
    { kind: 'went', person: 'Clara', place: 'attic' },
  ];
  const question = { kind: 'thing', thing: 'book' } as const;
  const answerOf = (hops: number, facts: readonly Fact[]): StoryAnswer => {
    const network = unpackNetwork(TRAINED_NETWORKS.find((one) => one.hops === hops)!);
    return answerStories(network, [{ facts, question }])[0]!;
  };

  it('have one to three hops', () => {
    expect(HOPS).toEqual([1, 2, 3]);
  });

  it('find who took the book in the first hop and where she is in the second, and another answer without that fact', () => {
    const { answer, likeliest, weights } = answerOf(2, FACTS);
    expect(answer).toBe('office');
    expect(weights[0]!.indexOf(Math.max(...weights[0]!))).toBe(1);
    expect(weights[1]!.indexOf(Math.max(...weights[1]!))).toBe(3);
    const without = answerOf(
      2,
      FACTS.filter((_, i) => i !== 3),
    );
    const share = (one: StoryAnswer): number => one.likeliest.find((of) => of.answer === 'office')!.probability;
    expect(likeliest[0]!.probability).toBeGreaterThan(0.8);
    expect(share(without)).toBeLessThan(0.1);
    expect(without.answer).toBe('kitchen');
  });
});

describe('asking', () => {
  it('asks again with every change, and remembers the answer before a fact was forgotten', () => {
    const worker = fakeWorker();
    const asking = new Asking(() => worker, 1);
    asking.begin();
    asking.begin();
    expect(worker.heard).toHaveLength(1);
    worker.say({ id: 1, answer: answered('office', 0.9, []) });
    expect(asking.solution.answer).toBe('office');
    asking.toggle(3);
    expect(worker.heard.at(-1)!.story.facts).toHaveLength(5);
    expect(asking.solution).toEqual({ answer: 'kitchen', because: [0, 1] });
    expect(asking.before?.answer).toBe('office');
    worker.say({ id: 2, answer: answered('kitchen', 0.7, []) });
    expect(asking.answer?.answer).toBe('kitchen');
    asking.toggle(3);
    expect(worker.heard.at(-1)!.story.facts).toHaveLength(6);
    asking.setHops(3);
    expect(asking.before).toBeNull();
    expect(worker.heard.at(-1)).toMatchObject({ id: 4, hops: 3 });
  });

  it('leaves an answer that comes late, and says what went wrong', () => {
    const worker = fakeWorker();
    const asking = new Asking(() => worker, 1);
    asking.begin();
    asking.remove(0);
    worker.say({ id: 1, answer: answered('office', 0.9, []) });
    expect(asking.answer).toBeNull();
    worker.say({ id: 2, problem: 'There is no memory left.' });
    expect(asking.problem).toBe('There is no memory left.');
  });

  it('tells twelve facts at most, and draws a story of the same kind', () => {
    const asking = new Asking(fakeWorker, 1);
    for (let i = 0; i < 9; i++) asking.tell({ kind: 'went', person: 'Ben', place: 'attic' });
    expect(asking.facts).toHaveLength(12);
    asking.ask({ kind: 'list', person: 'Ben' });
    asking.another();
    expect(asking.question.kind).toBe('list');
    asking.clear();
    expect(asking.solution).toEqual({ answer: 'nothing', because: [] });
  });
});

describe('the place where one asks', () => {
  it('shows the weights of every hop, the answer, and what it was before a fact was forgotten', async () => {
    const worker = fakeWorker();
    vi.stubGlobal(
      'Worker',
      vi.fn(function make() {
        return worker;
      }),
    );
    history.replaceState(null, '', '#/learn/stories');
    await open({ photos: 1 });
    await vi.waitFor(() => expect(document.querySelector('.stories')).not.toBeNull(), 20_000);
    const looks = [
      [0, 0.9, 0, 0, 0, 0],
      [0, 0, 0, 0.8, 0.2, 0],
    ];
    worker.say({ id: worker.heard.at(-1)!.id, answer: answered('office', 0.9, looks) });
    await settled();
    const text = (selector: string): string[] =>
      [...document.querySelectorAll(selector)].map((one) => one.textContent.replace(/\s+/g, ' ').trim());
    expect(text('.answers [role=status]')).toEqual([
      'The network says: the office. From the facts follows: the office. right',
    ]);
    expect(text('tbody th')).toEqual([
      'Anna went to the kitchen.',
      'The right answer follows from this fact: Anna took the book.',
      'Ben went to the garden.',
      'The right answer follows from this fact: Anna went to the office.',
      'Ben took the key.',
      'Clara went to the attic.',
      'no fact',
    ]);
    // Two hops a fact, and what lies on none.
    expect(text('td.weight').join(' ')).toBe('0% 0% 90% 0% 0% 0% 0% 80% 0% 20% 0% 0% 10% 0%');
    document.querySelector<HTMLElement>('[aria-label="Forget: Anna went to the office."]')!.click();
    await settled();
    worker.say({ id: worker.heard.at(-1)!.id, answer: answered('kitchen', 0.7, looks) });
    await settled();
    expect(text('.answers [role=status]')[0]).toContain('The network says: the kitchen.');
    expect(text('.answers li')[1]).toMatch(/^the garden ?30% ?before: 10%$/);
    expect(text('tr.forgotten th')).toEqual(['Anna went to the office.']);
    vi.unstubAllGlobals();
  });
});
