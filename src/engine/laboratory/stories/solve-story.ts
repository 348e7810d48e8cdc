import { THINGS, type Fact, type Person, type Question, type Thing } from './story.ts';

/** An answer, and the facts that it follows from, by their place in the story. */
export interface Solution {
  readonly answer: string;
  readonly because: readonly number[];
}

const UNKNOWN = 'unknown';

/**
 * The right answer, told by the facts alone: what they do not say is unknown. A thing is where the one who took it is, and
 * stays where it was left.
 */
export function solveStory(facts: readonly Fact[], question: Question): Solution {
  switch (question.kind) {
    case 'person':
      return whereIs(facts, question.person);
    case 'thing':
      return whereIsThing(facts, question.thing);
    case 'before': {
      const been = travels(facts, question.thing);
      const last = been.findLastIndex(({ answer }) => answer === question.place);
      const before = been[last - 1];
      if (!before) return { answer: UNKNOWN, because: been[last]?.because ?? [] };
      return { answer: before.answer, because: [...new Set([...before.because, ...been[last]!.because])] };
    }
    case 'whether': {
      const { answer, because } = whereIs(facts, question.person);
      return { answer: answer === UNKNOWN ? UNKNOWN : answer === question.place ? 'yes' : 'no', because };
    }
    case 'list': {
      const held = THINGS.flatMap((thing) => {
        const at = lastOf(facts, thing);
        const fact = facts[at];
        return fact?.kind === 'took' && fact.person === question.person ? [{ thing, at }] : [];
      });
      const answer = held.map(({ thing }) => thing).join(', ') || 'nothing';
      return { answer, because: held.map(({ at }) => at) };
    }
  }
}

function whereIs(facts: readonly Fact[], person: Person, until = facts.length): Solution {
  const at = facts.slice(0, until).findLastIndex((fact) => fact.kind === 'went' && fact.person === person);
  const fact = facts[at];
  return fact?.kind === 'went' ? { answer: fact.place, because: [at] } : { answer: UNKNOWN, because: [] };
}

/** When somebody took or left a thing for the last time; −1: never. */
const lastOf = (facts: readonly Fact[], thing: Thing): number =>
  facts.findLastIndex((fact) => fact.kind !== 'went' && fact.thing === thing);

function whereIsThing(facts: readonly Fact[], thing: Thing): Solution {
  const at = lastOf(facts, thing);
  const fact = facts[at];
  if (!fact) return { answer: UNKNOWN, because: [] };
  const { answer, because } = whereIs(facts, fact.person, fact.kind === 'left' ? at : facts.length);
  return { answer, because: [...because, at] };
}

/** The places where a thing is known to have been, one after another. */
function travels(facts: readonly Fact[], thing: Thing): Solution[] {
  const been: Solution[] = [];
  for (let until = 1; until <= facts.length; until++) {
    const now = whereIsThing(facts.slice(0, until), thing);
    if (now.answer !== UNKNOWN && now.answer !== been.at(-1)?.answer) been.push(now);
  }
  return been;
}
