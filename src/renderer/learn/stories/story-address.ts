import { MOST_FACTS } from '../../../engine/laboratory/stories/draw-story.ts';
import {
  PEOPLE,
  PLACES,
  QUESTION_KINDS,
  THINGS,
  type Fact,
  type Question,
} from '../../../engine/laboratory/stories/story.ts';
import type { Panel } from '../../state/places.ts';
import type { ToldFact } from './asking.svelte.ts';
import { HOPS } from './trained-networks.ts';

/** A story with its question as an address has them: `facts=Anna-went-kitchen~!Ben-took-key&question=thing-key&hops=2`. */
export interface AddressedStory {
  readonly facts: readonly ToldFact[];
  readonly question: Question;
  readonly hops: number;
}

export function panelOfStory({ facts, hops, question }: AddressedStory): Panel {
  const told = facts.map(({ fact, isForgotten }) => {
    const words = [fact.person, fact.kind, fact.kind === 'went' ? fact.place : fact.thing];
    return `${isForgotten ? '!' : ''}${words.join('-')}`;
  });
  return { facts: told.join('~'), question: questionWords(question).join('-'), hops: String(hops) };
}

function questionWords(question: Question): string[] {
  switch (question.kind) {
    case 'person':
    case 'list':
      return [question.kind, question.person];
    case 'thing':
      return [question.kind, question.thing];
    case 'before':
      return [question.kind, question.thing, question.place];
    case 'whether':
      return [question.kind, question.person, question.place];
  }
}

/** @returns undefined where the address has no story, or a damaged one */
export function storyOf({ facts, hops, question }: Panel): AddressedStory | undefined {
  if (facts === undefined || question === undefined) return undefined;
  const told = facts === '' ? [] : facts.split('~').map(factOf);
  const asked = questionOf(question.split('-'));
  const known = told.filter((one) => one !== undefined);
  if (!asked || known.length < told.length || known.length > MOST_FACTS) return undefined;
  return { facts: known, question: asked, hops: HOPS.find((one) => String(one) === hops) ?? 2 };
}

function factOf(text: string): ToldFact | undefined {
  const [name, kind, what] = text.replace(/^!/, '').split('-');
  const person = one(PEOPLE, name);
  const place = one(PLACES, what);
  const thing = one(THINGS, what);
  let fact: Fact | undefined;
  if (person && kind === 'went' && place) fact = { kind, person, place };
  if (person && (kind === 'took' || kind === 'left') && thing) fact = { kind, person, thing };
  return fact && { fact, isForgotten: text.startsWith('!') };
}

function questionOf([name, first, second]: readonly string[]): Question | undefined {
  const kind = one(QUESTION_KINDS, name);
  const person = one(PEOPLE, first);
  const thing = one(THINGS, first);
  const place = one(PLACES, second);
  switch (kind) {
    case 'person':
    case 'list':
      return person && { kind, person };
    case 'thing':
      return thing && { kind, thing };
    case 'before':
      return thing && place && { kind, thing, place };
    case 'whether':
      return person && place && { kind, person, place };
    case undefined:
      return undefined;
  }
}

const one = <Name extends string>(known: readonly Name[], wanted: string | undefined): Name | undefined =>
  known.find((name) => name === wanted);
