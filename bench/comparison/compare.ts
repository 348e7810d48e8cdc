import { basename } from 'node:path';
import { bleuCounts, bleuOfCounts, type BleuCounts } from '../../src/engine/metrics/translation-bleu.ts';
import { countOperations } from '../../src/engine/models/operations.ts';
import { evaluateTranslation, type TestSet } from '../../src/translation/evaluate-translation.ts';
import { translate } from '../../src/translation/translate.ts';
import { loadTranslator, type TranslatorModel } from '../../src/translation/translator-model.ts';
import { describeMachine } from '../harness/machine.ts';
import { summarise, type Summary } from '../harness/statistics.ts';
import type { Compared, Comparison } from './compared.ts';
import { byKind, growth } from './kinds.ts';
import { bleuEstimate, countWords, equalBins, JOINED, joinNeighbours, keptEstimate } from './lengths.ts';
import { differences, type Kind, type TrainedRun } from './trained-run.ts';

/** How many bins of sentences of like length there are. */
const BINS = 5;
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
  /**
   * Greedy translations that are there already: by the name of a run's folder, by how many neighbours are one line (1: the
   * test set itself). Runs that are not in it translate here.
   */
  readonly greedy?: ReadonlyMap<string, ReadonlyMap<number, readonly string[]>> | undefined;
  readonly say: (what: string) => void;
}

/**
 * Compares the models of all kinds, on the backend that runs: the first seed by beam search and timed in turns, all seeds
 * by greedy search for what depends on the length.
 */
export async function compareTranslators(kinds: readonly Kind[], options: CompareOptions): Promise<Comparison> {
  const { beam, say, test, timedSentences, to } = options;
  const machine = describeMachine();
  const sorted = await loadAll(kinds);
  try {
    const bins = equalBins(test.sources, BINS);
    const sets = [test, ...JOINED.map((count) => joinNeighbours(test, count))];
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
    for (const [i, { kind, model }] of sorted.entries()) {
      const run = kind.runs[0]!;
      const { scores } = await evaluateTranslation(model, test, { to, beam }, (done) =>
        say(`${model.name}: ${done} of ${test.sources.length} lines`),
      );
      const { bleu, chrf, tokenisedLowerCaseBleu } = scores;
      signatures = {
        bleu: bleu.signature,
        chrf: chrf.signature,
        tokenisedLowerCaseBleu: tokenisedLowerCaseBleu.signature,
      };
      const counts = await countGreedy(kind, sets, options);
      const [single, ...joined] = counts;
      models.push({
        name: model.name,
        title: model.title,
        config: model.config,
        parameters: run.parameters,
        isFinished: kind.runs.every(({ isFinished }) => isFinished),
        updates: run.updates,
        trainingSeconds: run.seconds,
        rate: kind.rate,
        rates: kind.rates,
        seeds: kind.runs.map(({ config }) => config.seed),
        devBleu: meanCurve(kind.runs),
        bleu: bleu.score,
        chrf: chrf.score,
        tokenisedLowerCaseBleu: tokenisedLowerCaseBleu.score,
        greedy: { ...bleuEstimate(single!), bySeed: single!.map((own) => bleuOfCounts(own).score) },
        bleuByLength: bins.map(({ lines }) => bleuEstimate(single!.map((own) => lines.map((line) => own[line]!)))),
        joined: joined.map((own, k) => ({
          count: JOINED[k]!,
          bleu: bleuEstimate(own),
          kept: keptEstimate(single!, own, JOINED[k]!),
        })),
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
      differences: differences(kinds.flatMap(({ runs }) => runs)),
      bins: bins.map(({ from, lines, mean, to }) => ({ from, to, sentences: lines.length, mean })),
      joined: sets.slice(1).map(({ sources }, k) => ({
        count: JOINED[k]!,
        lines: sources.length,
        mean: sources.reduce((sum, source) => sum + countWords(source), 0) / sources.length,
      })),
      timedSentences: timed.length,
      models,
    };
  } finally {
    for (const { model } of sorted) model.dispose();
  }
}

/** BLEU's counts of the greedy translations: by test set, by seed, by line. */
async function countGreedy(
  { runs }: Kind,
  sets: readonly TestSet[],
  { greedy, say, to }: CompareOptions,
): Promise<BleuCounts[][][]> {
  const counts: BleuCounts[][][] = sets.map(() => []);
  for (const run of runs) {
    const name = basename(run.folder);
    const known = greedy?.get(name);
    const model = known ? undefined : await loadTranslator(run.model);
    try {
      for (const [i, set] of sets.entries()) {
        const translations = model
          ? (await evaluateTranslation(model, set, { to, beam: 1 }, (done) => say(`${name}: ${done} lines`)))
              .translations
          : known!.get(i === 0 ? 1 : JOINED[i - 1]!)?.slice(0, set.sources.length);
        if (translations?.length !== set.sources.length) throw new Error(`${name} has other lines than the test set.`);
        counts[i]!.push(bleuCounts(translations, set.references));
      }
    } finally {
      model?.dispose();
    }
  }
  return counts;
}

/** The mean of the seeds at the validations that all have. */
function meanCurve(runs: readonly TrainedRun[]): { step: number; bleu: number }[] {
  const [first, ...others] = runs.map(({ curve }) => curve);
  return first!.flatMap(({ bleu, step }) => {
    const more = others.map((curve) => curve.find((point) => point.step === step)?.bleu);
    if (more.includes(undefined)) return [];
    return [{ step, bleu: more.reduce((sum: number, next) => sum + next!, bleu) / runs.length }];
  });
}

interface Loaded {
  readonly kind: Kind;
  readonly model: TranslatorModel;
}

/** The first seed's model of every kind, in the order of tables. */
async function loadAll(kinds: readonly Kind[]): Promise<Loaded[]> {
  const loaded: Loaded[] = [];
  try {
    for (const kind of kinds) loaded.push({ kind, model: await loadTranslator(kind.runs[0]!.model) });
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
