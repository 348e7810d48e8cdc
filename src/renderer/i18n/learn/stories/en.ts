import type { Person, Place, Thing } from '../../../../engine/laboratory/stories/story.ts';

const places: Record<Place, string> = {
  kitchen: 'the kitchen',
  garden: 'the garden',
  office: 'the office',
  attic: 'the attic',
  cellar: 'the cellar',
};
const things: Record<Thing, string> = { apple: 'the apple', book: 'the book', key: 'the key' };

/** The memory network of Learn in English. */
export const en = {
  intro:
    'A memory network reads facts and answers questions about them. It looks at all facts at once, takes what it found into its question, and looks again: each look is a hop. Where is the book? One look finds who took it; where she is now takes a second one. Forget a fact and see what becomes of the answer.',
  facts: 'The story',
  question: 'Question',
  hops: 'Hops',
  hopCount: (hops: number) => (hops === 1 ? '1 hop' : `${hops} hops`),
  hop: (number: string) => `Hop ${number}`,
  nowhere: 'no fact',
  forget: 'Forget',
  remember: 'Remember',
  remove: 'Remove',
  clear: 'Clear',
  another: 'Another story',
  tell: 'Add',
  full: 'A story has twelve facts at most.',
  answer: 'Answer',
  says: (answer: string) => `The network says: ${answer}.`,
  follows: (answer: string) => `From the facts follows: ${answer}.`,
  right: 'right',
  wrong: 'wrong',
  because: 'The right answer follows from this fact:',
  becauseHint: 'A dot marks the facts that the right answer follows from.',
  was: (percent: string) => `before: ${percent}`,
  paper: 'Sukhbaatar et al. 2015',

  kinds: {
    person: 'Where is somebody?',
    thing: 'Where is a thing?',
    before: 'Where was a thing before?',
    whether: 'Is somebody there?',
    list: 'What does somebody carry?',
  },
  verbs: { went: 'went', took: 'took', left: 'left' },
  who: 'Who',
  did: 'What happened',
  what: 'What or where',
  whichThing: 'Which thing',
  whichPlace: 'Which place',
  places,
  things,
  to: (place: Place) => `to ${places[place]}`,
  object: (thing: Thing) => things[thing],

  went: (person: Person, place: Place) => `${person} went to ${places[place]}.`,
  took: (person: Person, thing: Thing) => `${person} took ${things[thing]}.`,
  left: (person: Person, thing: Thing) => `${person} left ${things[thing]}.`,
  wherePerson: (person: Person) => `Where is ${person}?`,
  whereThing: (thing: Thing) => `Where is ${things[thing]}?`,
  whereBefore: (thing: Thing, place: Place) => `Where was ${things[thing]} before ${places[place]}?`,
  whether: (person: Person, place: Place) => `Is ${person} in ${places[place]}?`,
  carries: (person: Person) => `What does ${person} carry?`,

  answers: { yes: 'yes', no: 'no', unknown: 'nobody said', nothing: 'nothing' },
  and: ' and ',
};
