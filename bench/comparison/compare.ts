import { countOperations } from '../../src/engine/models/operations.ts';
import { evaluateTranslation, type TestSet } from '../../src/translation/evaluate-translation.ts';
import { translate } from '../../src/translation/translate.ts';
import { loadTranslator, type TranslatorModel } from '../../src/translation/translator-model.ts';
import { describeMachine } from '../harness/machine.ts';
import { summarise, type Summary } from '../harness/statistics.ts';
import type { Compared, Comparison } from './compared.ts';
import { byKind, growth } from './kinds.ts';
import { binByLength, bleuByLength } from './lengths.ts';
import { differences, type TrainedRun } from './trained-run.ts';

/** Lengths, in tokens, that the table counts operations for. */
const OPERATION_LENGTHS = [20, 100];
/** Sentences that are translated before times count. */
const WARM_UP = 3;

export interface CompareOptions {
  /** The test set, with the names of its files. */
  readonly test: TestSet & { readonly source: string; readonly reference: string };
  readonly to: string;
  readonly beam: number;
  /** How many sentences are timed, spread over the test set. */
  readonly timedSentences: number;
  readonly say: (what: string) => void;
}

/** Translates the test set with the model of each run, on the backend that runs, and times them in turns. */
export async function compareTranslators(runs: readonly TrainedRun[], options: CompareOptions): Promise<Comparison> {
  const { beam, say, test, timedSentences, to } = options;
  const machine = describeMachine();
  const sorted = await loadAll(runs);
  try {
    const bins = binByLength(test.sources);
    const timed = spread(test.sources, timedSentences);
    say('times');
    const times = await timeInTurns(
      sorted.map(({ model }) => model),
      timed,
      [1, beam],
      to,
      (done) => say(`times: ${done} of ${timed.length} sentences`),
    );
    const models: Compared[] = [];
    let signatures: Comparison['signatures'] | undefined;
    for (const [i, { model, run }] of sorted.entries()) {
      const { scores, translations } = await evaluateTranslation(model, test, { to, beam }, (done) =>
        say(`${model.name}: ${done} of ${test.sources.length} lines`),
      );
      const { bleu, chrf, tokenisedLowerCaseBleu } = scores;
      signatures = {
        bleu: bleu.signature,
        chrf: chrf.signature,
        tokenisedLowerCaseBleu: tokenisedLowerCaseBleu.signature,
      };
      models.push({
        name: model.name,
        title: model.title,
        config: model.config,
        parameters: run.parameters,
        isFinished: run.isFinished,
        updates: run.updates,
        trainingSeconds: run.seconds,
        devBleu: run.devBleu,
        bleu: bleu.score,
        chrf: chrf.score,
        tokenisedLowerCaseBleu: tokenisedLowerCaseBleu.score,
        bleuByLength: bleuByLength(bins, translations, test.references),
        milliseconds: times[i]!,
        growth: growth(model.config),
        operations: OPERATION_LENGTHS.map((tokens) => ({
          tokens,
          ...countOperations(model.config, tokens, tokens),
        })),
      });
    }
    return {
      date: new Date().toISOString().slice(0, 10),
      machine,
      test: { source: test.source, reference: test.reference, lines: test.sources.length },
      beam,
      signatures: signatures!,
      differences: differences(runs),
      seeds: [...new Set(runs.map(({ config }) => config.seed))],
      bins: bins.map(({ from, lines, mean, to }) => ({ from, to, sentences: lines.length, mean })),
      timedSentences: timed.length,
      models,
    };
  } finally {
    for (const { model } of sorted) model.dispose();
  }
}

interface Loaded {
  readonly run: TrainedRun;
  readonly model: TranslatorModel;
}

/** All models, by kind. */
async function loadAll(runs: readonly TrainedRun[]): Promise<Loaded[]> {
  const loaded: Loaded[] = [];
  try {
    for (const run of runs) loaded.push({ run, model: await loadTranslator(run.model) });
  } catch (error) {
    for (const { model } of loaded) model.dispose();
    throw error;
  }
  return loaded.sort((a, b) => byKind(a.model.config, b.model.config));
}

/** Some sentences from all over the set. */
function spread(sentences: readonly string[], count: number): string[] {
  const all = sentences.length;
  return Array.from({ length: Math.min(count, all) }, (_, i) => sentences[Math.floor((i * all) / count)]!);
}

/**
 * Translates one sentence at a time, all models one after the other and then the next sentence: what disturbs the
 * machine disturbs all.
 * @returns for each model the milliseconds a sentence, by beam width
 */
async function timeInTurns(
  models: readonly TranslatorModel[],
  sentences: readonly string[],
  beams: readonly number[],
  to: string,
  onSentence: (done: number) => void,
): Promise<Record<number, Summary>[]> {
  const times = models.map(() => new Map(beams.map((beam) => [beam, [] as number[]])));
  const turns = [...sentences.slice(0, WARM_UP), ...sentences];
  for (const [turn, sentence] of turns.entries()) {
    for (const offset of models.keys()) {
      const place = (turn + offset) % models.length;
      for (const beam of beams) {
        const begin = performance.now();
        await translate(models[place]!, [sentence], { to, beam, split: false });
        const time = performance.now() - begin;
        if (turn >= turns.length - sentences.length) times[place]!.get(beam)!.push(time);
      }
    }
    onSentence(Math.max(0, turn + 1 - (turns.length - sentences.length)));
  }
  return times.map((byBeam) => Object.fromEntries([...byBeam].map(([beam, all]) => [beam, summarise(all)])));
}
