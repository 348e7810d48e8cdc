import type { Fact, Question } from '../../../engine/laboratory/stories/story.ts';
import type { LearnTexts } from '../../i18n/learn/en.ts';

type StoryTexts = LearnTexts['stories'];

/** A fact as a sentence. */
export function factSentence(t: StoryTexts, fact: Fact): string {
  return fact.kind === 'went' ? t.went(fact.person, fact.place) : t[fact.kind](fact.person, fact.thing);
}

/** A question as a sentence. */
export function questionSentence(t: StoryTexts, question: Question): string {
  switch (question.kind) {
    case 'person':
      return t.wherePerson(question.person);
    case 'thing':
      return t.whereThing(question.thing);
    case 'before':
      return t.whereBefore(question.thing, question.place);
    case 'whether':
      return t.whether(question.person, question.place);
    case 'list':
      return t.carries(question.person);
  }
}

/** An answer in the language of the page. @param answer as the engine has it: a place, things, or one word */
export function answerText(t: StoryTexts, answer: string): string {
  const words: Readonly<Record<string, string>> = { ...t.answers, ...t.places, ...t.things };
  return answer
    .split(', ')
    .map((one) => words[one] ?? one)
    .join(t.and);
}
