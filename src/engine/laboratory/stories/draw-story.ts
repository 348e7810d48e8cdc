import type { Random } from '../../random.ts';
import { solveStory, type Solution } from './solve-story.ts';
import {
  PEOPLE,
  PLACES,
  THINGS,
  type Fact,
  type Person,
  type Place,
  type Question,
  type QuestionKind,
  type Thing,
} from './story.ts';

/** Facts, a question, and its answer. */
export interface Story extends Solution {
  readonly facts: readonly Fact[];
  readonly question: Question;
}

/** The fewest and the most facts of a story. */
export const FEWEST_FACTS = 2;
export const MOST_FACTS = 12;

/** How many of the stories may leave the answer unknown, and of how many a fact is forgotten. */
const UNKNOWN = 0.12;
const FORGOTTEN = 0.15;

/**
 * Draws a story with a question of a kind.
 * @param longest the most facts that it has: 5 to 12
 */
export function drawStory(kind: QuestionKind, random: Random, longest = MOST_FACTS): Story {
  const mayBeUnknown = random.next() < UNKNOWN;
  for (;;) {
    const fewest = kind === 'before' ? 5 : FEWEST_FACTS;
    const facts = drawFacts(fewest + random.integer(longest - fewest + 1), random);
    if (facts.length > FEWEST_FACTS && random.next() < FORGOTTEN) facts.splice(random.integer(facts.length), 1);
    const question = drawQuestion(kind, facts, random);
    const solution = solveStory(facts, question);
    if (solution.answer !== 'unknown' || mayBeUnknown) return { facts, question, ...solution };
  }
}

/** What may happen, one thing after another: whoever takes a thing is where it is, as far as anybody knows. */
function drawFacts(count: number, random: Random): Fact[] {
  const where = new Map<Person, Place>();
  const lies = new Map<Thing, Place | undefined>();
  const holds = new Map<Thing, Person>();
  const pick = <T>(of: readonly T[]): T => of[random.integer(of.length)] as T;
  const facts: Fact[] = [];
  while (facts.length < count) {
    const person = pick(PEOPLE);
    const thing = pick(THINGS);
    if (random.next() < 0.5) {
      const place = pick(PLACES.filter((one) => one !== where.get(person)));
      where.set(person, place);
      facts.push({ kind: 'went', person, place });
      continue;
    }
    if (holds.get(thing) === person && random.next() < 0.5) {
      holds.delete(thing);
      lies.set(thing, where.get(person));
      facts.push({ kind: 'left', person, thing });
    } else if (!holds.has(thing) && (!lies.has(thing) || lies.get(thing) === where.get(person))) {
      holds.set(thing, person);
      facts.push({ kind: 'took', person, thing });
    }
  }
  return facts;
}

function drawQuestion(kind: QuestionKind, facts: readonly Fact[], random: Random): Question {
  const pick = <T>(of: readonly T[]): T => of[random.integer(of.length)] as T;
  const [person, thing, place] = [pick(PEOPLE), pick(THINGS), pick(PLACES)];
  switch (kind) {
    case 'person':
    case 'list':
      return { kind, person };
    case 'thing':
      return { kind, thing };
    case 'before':
      return { kind, thing, place };
    case 'whether': {
      const is = solveStory(facts, { kind: 'person', person }).answer;
      return { kind, person, place: random.next() < 0.5 ? (PLACES.find((one) => one === is) ?? place) : place };
    }
  }
}
