import { describe, expect, it } from 'vitest';
import { drawStory, MOST_FACTS } from '../../../../src/engine/laboratory/stories/draw-story.ts';
import { solveStory } from '../../../../src/engine/laboratory/stories/solve-story.ts';
import {
  factWords,
  QUESTION_KINDS,
  questionWords,
  storyTokens,
  type Fact,
  type Person,
  type Place,
  type Question,
  type Thing,
} from '../../../../src/engine/laboratory/stories/story.ts';
import { Random } from '../../../../src/engine/random.ts';

const went = (person: Person, place: Place): Fact => ({ kind: 'went', person, place });
const took = (person: Person, thing: Thing): Fact => ({ kind: 'took', person, thing });
const left = (person: Person, thing: Thing): Fact => ({ kind: 'left', person, thing });

const FACTS = [
  went('Anna', 'kitchen'), // 0
  took('Anna', 'book'),
  went('Ben', 'garden'), // 2
  went('Anna', 'office'),
  left('Anna', 'book'), // 4
  took('Ben', 'key'),
  went('Anna', 'attic'), // 6
  took('Ben', 'apple'),
];

const CASES: [Question, string, number[]][] = [
  [{ kind: 'person', person: 'Anna' }, 'attic', [6]],
  [{ kind: 'person', person: 'Clara' }, 'unknown', []],
  [{ kind: 'thing', thing: 'key' }, 'garden', [2, 5]],
  // It stays where it was left.
  [{ kind: 'thing', thing: 'book' }, 'office', [3, 4]],
  [{ kind: 'before', thing: 'book', place: 'office' }, 'kitchen', [0, 1, 3]],
  [{ kind: 'before', thing: 'book', place: 'kitchen' }, 'unknown', [0, 1]],
  [{ kind: 'whether', person: 'Ben', place: 'garden' }, 'yes', [2]],
  [{ kind: 'whether', person: 'Ben', place: 'attic' }, 'no', [2]],
  [{ kind: 'whether', person: 'David', place: 'attic' }, 'unknown', []],
  [{ kind: 'list', person: 'Ben' }, 'apple, key', [7, 5]],
  [{ kind: 'list', person: 'Anna' }, 'nothing', []],
];

describe('questions about stories', () => {
  it.each(CASES)('%j: %s', (question, answer, because) => {
    const solution = solveStory(FACTS, question);
    expect(solution.answer).toBe(answer);
    expect([...solution.because].sort()).toEqual([...because].sort());
  });

  it('are asked in words that stories have', () => {
    for (const [question] of CASES) expect(storyTokens(questionWords(question)).length).toBeGreaterThan(2);
    expect(factWords(FACTS[0]!).join(' ')).toBe('Anna went to the kitchen');
    expect(() => storyTokens(['Anna', 'ran'])).toThrow('Stories have no word “ran”.');
  });
});

describe('drawn stories', () => {
  it.each(QUESTION_KINDS)('have an answer that follows from the facts that are named: %s', (kind) => {
    const random = new Random(2);
    let unknown = 0;
    for (let i = 0; i < 200; i++) {
      const { answer, because, facts, question } = drawStory(kind, random);
      expect(question.kind).toBe(kind);
      expect(facts.length).toBeLessThanOrEqual(MOST_FACTS);
      if (answer === 'unknown') unknown++;
      else if (kind !== 'before') {
        // Without the others the answer is the same.
        const needed = facts.filter((_, place) => because.includes(place));
        expect(solveStory(needed, question).answer).toBe(answer);
      }
    }
    expect(unknown).toBeLessThan(60);
  });

  it('let nobody take what somebody else holds, or what lies elsewhere', () => {
    const random = new Random(3);
    for (let i = 0; i < 200; i++) {
      const { facts } = drawStory('person', random);
      const holder = new Map<Thing, Person>();
      for (const fact of facts) {
        if (fact.kind === 'left' && holder.has(fact.thing)) expect(holder.get(fact.thing)).toBe(fact.person);
        if (fact.kind === 'took') holder.set(fact.thing, fact.person);
      }
    }
  });

  it('are the same for the same seed', () => {
    expect(drawStory('thing', new Random(9))).toEqual(drawStory('thing', new Random(9)));
  });
});
