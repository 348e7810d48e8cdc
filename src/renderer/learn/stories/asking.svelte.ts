import type { StoryAnswer } from '../../../engine/laboratory/stories/answer-stories.ts';
import { drawStory, MOST_FACTS } from '../../../engine/laboratory/stories/draw-story.ts';
import { solveStory } from '../../../engine/laboratory/stories/solve-story.ts';
import type { Fact, Question, QuestionKind } from '../../../engine/laboratory/stories/story.ts';
import { Random } from '../../../engine/random.ts';
import type { FromStories, ToStories } from './stories-messages.ts';

/** A worker, as far as it is used. */
export interface StoriesWorker {
  postMessage(message: ToStories): void;
  onmessage: ((event: MessageEvent) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
}

/** A fact of the page; one that is forgotten stays there, struck out, and the network does not see it. */
export interface ToldFact {
  readonly fact: Fact;
  readonly isForgotten: boolean;
}

/** What the page begins with: the book was carried on after it was taken. */
const FIRST_FACTS: readonly Fact[] = [
  { kind: 'went', person: 'Anna', place: 'kitchen' },
  { kind: 'took', person: 'Anna', thing: 'book' },
  { kind: 'went', person: 'Ben', place: 'garden' },
  { kind: 'went', person: 'Anna', place: 'office' },
  { kind: 'took', person: 'Ben', thing: 'key' },
  { kind: 'went', person: 'Clara', place: 'attic' },
];

const told = (facts: readonly Fact[]): ToldFact[] => facts.map((fact) => ({ fact, isForgotten: false }));

/** Facts and a question, and what the network makes of them. They stay while somebody is at another place. */
export class Asking {
  hops = $state(2);
  facts = $state.raw<readonly ToldFact[]>(told(FIRST_FACTS));
  question = $state.raw<Question>({ kind: 'thing', thing: 'book' });
  problem = $state('');
  /** The last answer; of facts, question and hops that may have changed since. */
  answer = $state.raw<StoryAnswer | null>(null);
  /** The answer before the last change of the facts; none where something else was changed. */
  before = $state.raw<StoryAnswer | null>(null);
  readonly known = $derived(this.facts.filter(({ isForgotten }) => !isForgotten).map(({ fact }) => fact));
  /** What the facts say, and which of those that are known say it. */
  readonly solution = $derived(solveStory(this.known, this.question));
  /** Which of the facts that are known each one is; −1: it is forgotten. */
  readonly places = $derived.by(() => {
    let known = 0;
    return this.facts.map(({ isForgotten }) => (isForgotten ? -1 : known++));
  });
  /** Of each hop, how much it looked at no fact. */
  readonly nowhere = $derived(
    (this.answer?.weights ?? []).map((p) => Math.max(0, 1 - p.reduce((sum, weight) => sum + weight, 0))),
  );
  readonly isFull = $derived(this.facts.length >= MOST_FACTS);
  readonly #start: () => StoriesWorker;
  readonly #random: Random;
  #worker: StoriesWorker | undefined;
  #asked = 0;

  /** @param seed of the stories that are drawn */
  constructor(start: () => StoriesWorker, seed = Date.now()) {
    this.#start = start;
    this.#random = new Random(seed);
  }

  tell(fact: Fact): void {
    if (!this.isFull) this.#change([...this.facts, { fact, isForgotten: false }]);
  }

  /** Forgets a fact, or remembers it again. */
  toggle(index: number): void {
    this.#change(this.facts.map((one, i) => (i === index ? { ...one, isForgotten: !one.isForgotten } : one)));
  }

  remove(index: number): void {
    this.#change(this.facts.filter((_, i) => i !== index));
  }

  clear(): void {
    this.#change([]);
  }

  /** Draws a story with a question of the same kind. */
  another(): void {
    const { facts, question } = drawStory(this.question.kind, this.#random);
    this.facts = told(facts);
    this.question = question;
    this.#askAnew();
  }

  ask(question: Question): void {
    this.question = question;
    this.#askAnew();
  }

  /** Tells a whole story, as an address has it. */
  tellAll({ facts, hops, question }: Pick<Asking, 'facts' | 'hops' | 'question'>): void {
    this.facts = facts;
    this.hops = hops;
    this.question = question;
    this.#askAnew();
  }

  setHops(hops: number): void {
    this.hops = hops;
    this.#askAnew();
  }

  /** Where the page is opened: asks for the first time. */
  begin(): void {
    if (this.#asked === 0) this.#send();
  }

  #change(facts: readonly ToldFact[]): void {
    this.facts = facts;
    this.before = this.answer;
    this.#send();
  }

  #askAnew(): void {
    this.before = null;
    this.#send();
  }

  #send(): void {
    const { hops, known, question } = this;
    if (!this.#worker) {
      const worker = this.#start();
      worker.onmessage = ({ data }) => this.#hear(data as FromStories);
      worker.onerror = ({ message }) => (this.problem = message);
      this.#worker = worker;
    }
    this.#worker.postMessage({ id: ++this.#asked, hops, story: { facts: known, question } });
  }

  #hear(message: FromStories): void {
    // Of several questions that are under way only the last one counts.
    if (message.id !== this.#asked) return;
    this.problem = 'problem' in message ? message.problem : '';
    if ('answer' in message) this.answer = message.answer;
  }
}

/** The question of another kind about as much of the same as there is. */
export function questionOf(
  kind: QuestionKind,
  {
    person,
    place,
    thing,
  }: Pick<Extract<Question, { kind: 'whether' }>, 'person' | 'place'> &
    Pick<Extract<Question, { kind: 'thing' }>, 'thing'>,
): Question {
  switch (kind) {
    case 'person':
    case 'list':
      return { kind, person };
    case 'thing':
      return { kind, thing };
    case 'before':
      return { kind, thing, place };
    case 'whether':
      return { kind, person, place };
  }
}
