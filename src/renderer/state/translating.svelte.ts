import { UNSURE_BELOW } from '../../contract/constants/unsure-below.ts';
import type { TranslatedSentence, Translation } from '../../contract/data/translation.ts';
import { i18n } from '../i18n/i18n.svelte.ts';
import { piecesOf, type Piece } from '../text/pieces.ts';
import type { TextFile } from '../text/text-file.ts';
import type { Desk } from './desk.ts';
import { codeOf, messageOf } from './failure.ts';
import type { Translators } from './translators.svelte.ts';

/** Milliseconds without a key before a text is sent. */
const PAUSE = 200;
/** As many characters as the service takes at once. */
const MOST = 100_000;

/** Stands for a sentence that is not done yet. */
const PENDING: TranslatedSentence = {
  source: { text: '', words: [], tokens: [] },
  confidence: 1,
  translations: [{ text: '…', score: 0, words: [], tokens: [], alignment: [] }],
};

/** A text, and its translation, which follows it. Made by a component, with which its requests end. */
export class Translating {
  readonly #desk: Desk;
  readonly #translators: Translators;

  text = $state('');
  /** Where the text came from; a document's mark-up stays, and it can be saved as one. */
  file = $state.raw<TextFile | null>(null);
  /** The model that somebody chose, or '' for the best. */
  model = $state('');
  sentences = $state.raw<readonly TranslatedSentence[]>([]);
  /** Whether the text is unlike what the model was trained on. */
  isUnlike = $state(false);
  working = $state(false);
  /** Whether what is shown is of a text that has been changed since. */
  stale = $state(false);
  problem = $state('');
  /** Which of each sentence's translations is shown. */
  chosen = $state.raw<Readonly<Record<number, number>>>({});
  /** The sentence whose other translations are shown. */
  open = $state<number | null>(null);
  /** The best translations, with what stands between them. */
  #whole = $state('');

  /** Those of the comparison are for looking inside, unless there are no others. */
  readonly choices = $derived.by(() => {
    // Of two models behind each other nobody chooses.
    if (this.#translators.isThrough) return [];
    const good = this.#translators.able.filter(({ isComparison }) => !isComparison);
    return good.length > 0 ? good : this.#translators.able;
  });
  readonly #wanted = $derived(this.choices.some(({ name }) => name === this.model) ? this.model : '');
  /** The whole text, with the chosen alternatives in the places of the best. */
  readonly target = $derived.by(() => {
    let result = '';
    let at = 0;
    for (const [index, sentence] of this.sentences.entries()) {
      const best = sentence.translations[0]?.text ?? '';
      const found = best === '' ? at : this.#whole.indexOf(best, at);
      if (found < 0) continue;
      result += this.#whole.slice(at, found) + this.shownOf(sentence, index).text;
      at = found + best.length;
    }
    return result + this.#whole.slice(at);
  });
  readonly sourcePieces = $derived(
    piecesOf(
      this.text,
      this.sentences.map(({ source }) => source),
    ),
  );
  readonly targetPieces = $derived(
    piecesOf(
      this.target,
      this.sentences.map((sentence, index) => {
        const { text, words } = this.shownOf(sentence, index);
        return { text, words: words.map(({ word }) => word) };
      }),
    ),
  );
  /** Sentences that stand as they were written, in a script that the model does not know. */
  readonly kept = $derived(this.sentences.filter((sentence) => sentence.kept !== undefined).length);

  /** Sentences whose numbers, names or length cannot be right. */
  readonly faulty = $derived(this.sentences.filter((sentence) => sentence.faults !== undefined).length);

  constructor(desk: Desk, translators: Translators) {
    this.#desk = desk;
    this.#translators = translators;
    this.text = String(desk.settings.page['translateText'] ?? '');
    $effect(() => void translators.load());
    $effect(() => this.#receive());
    $effect(() => this.#follow());
  }

  /** What was dropped, or handed over from elsewhere. */
  #receive(): void {
    if (!this.#desk.textToTranslate) return;
    const given = this.#desk.textToTranslate;
    if ('format' in given) this.take(given);
    else this.#write(given.text);
    this.#desk.textToTranslate = null;
  }

  /** Translates a file. */
  take(file: TextFile): void {
    this.file = file;
    this.text = file.text;
  }

  /** Takes text and file away. */
  clear(): void {
    this.#write('');
  }

  #write(text: string): void {
    this.file = null;
    this.text = text;
  }

  /** Asks for the translation of what stands there now, a little later; the end of it is to be called before the next. */
  #follow(): (() => void) | undefined {
    const format = this.file?.format ?? 'text';
    const { farTo: to, from } = this.#translators;
    const input = { text: this.text, from, to, ...(format !== 'text' && { format }) };
    const wanted = this.#wanted;
    // Once more where the service was away.
    const { returns: _returns } = this.#desk;
    if (this.#translators.state !== 'ready') return undefined;
    if (input.text.trim() === '' || input.text.length > MOST) {
      this.sentences = [];
      this.#whole = '';
      this.isUnlike = false;
      this.working = false;
      this.problem = input.text.length > MOST ? i18n.t.translate.tooLong : '';
      return undefined;
    }
    const control = new AbortController();
    const timer = setTimeout(() => void this.#run(input, wanted, control.signal), PAUSE);
    return () => {
      clearTimeout(timer);
      control.abort();
    };
  }

  async #run(
    input: { text: string; from: string; to: string; format?: 'markdown' | 'srt' },
    model: string,
    signal: AbortSignal,
  ): Promise<void> {
    const desk = this.#desk;
    this.working = true;
    this.stale = true;
    this.problem = '';
    const arrived: (TranslatedSentence | undefined)[] = [];
    try {
      const answer = await desk.client.request(
        'translate.run',
        { ...input, alternatives: 3, ...(model === '' ? {} : { model }) },
        {
          signal,
          onProgress: ({ of, sentence, translated }) => {
            if (signal.aborted) return;
            arrived[sentence] = translated;
            // Later sentences may be done first; each stands in its place.
            const all = Array.from({ length: of }, (_, index) => arrived[index] ?? PENDING);
            this.#show(all, all.map((one) => one.translations[0]?.text ?? '').join(' '));
          },
        },
      );
      if (signal.aborted) return;
      this.#show(answer.sentences, answer.text);
      this.isUnlike = answer.isUnlike;
      const said = answer.text.length < 300 ? answer.text : `${answer.text.slice(0, 300)}…`;
      desk.say([said, ...this.notes].join(' '));
    } catch (error) {
      if (!signal.aborted && codeOf(error) !== 'cancelled') this.problem = messageOf(error);
    } finally {
      if (!signal.aborted) this.working = false;
    }
    if (this.text.length <= 2000 && !signal.aborted) {
      void desk.change({ page: { ...desk.settings.page, translateText: this.text } });
    }
  }

  #show(sentences: readonly TranslatedSentence[], whole: string): void {
    // What was chosen and opened belongs to the sentences that were there before.
    if (this.stale) {
      this.chosen = {};
      this.open = null;
      this.stale = false;
    }
    this.sentences = sentences;
    this.#whole = whole;
  }

  /** What is to be said of the translation, the weightiest first. */
  get notes(): string[] {
    const { faulty, kept, through, unlike } = i18n.t.translate;
    return [
      ...(this.isUnlike ? [unlike] : []),
      ...(this.#translators.isThrough && this.sentences.length > 0 ? [through] : []),
      ...(this.faulty > 0 ? [faulty(this.faulty)] : []),
      ...(this.kept > 0 ? [kept(this.kept)] : []),
    ];
  }

  /** Whether a word of the translation is mostly wrong. */
  isUnsure({ sentence, word }: Piece): boolean {
    const one = this.sentences[sentence];
    const written = one && word !== null ? this.shownOf(one, sentence).words[word] : undefined;
    return written !== undefined && /\p{L}/u.test(written.word) && written.probability < UNSURE_BELOW;
  }

  shownOf(sentence: TranslatedSentence, index: number): Translation {
    return sentence.translations[this.chosen[index] ?? 0] ?? sentence.translations[0]!;
  }

  choose(sentence: number, translation: number): void {
    this.chosen = { ...this.chosen, [sentence]: translation };
  }

  /** Words that the model wrote; those of a sentence that it left alone have nothing to tell. */
  isTranslated({ sentence, word }: Piece): boolean {
    return word !== null && this.sentences[sentence]?.kept === undefined;
  }

  /** The translation becomes the text, where there is one. */
  turn(): void {
    if (this.target !== '') this.#write(this.target);
  }

  /** Hands a sentence over to be looked into. */
  inspect(index: number): void {
    const sentence = this.sentences[index];
    if (!sentence) return;
    const { from, to } = this.#translators;
    this.#desk.textToInspect = { text: sentence.source.text, from, to, model: this.model };
    this.#desk.goTo('look-inside');
  }
}
