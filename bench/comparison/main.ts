import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { format, resolveConfig } from 'prettier';
import { useBackend } from '../../src/native/backend.ts';
import { readTestSet } from '../../src/translation/evaluate-translation.ts';
import { writeFileAtomically } from '../../src/files/write-file.ts';
import { compareTranslators } from './compare.ts';
import type { Comparison } from './compared.ts';
import { plotBleuByLength, plotLearning, plotOperations } from './plots.ts';
import { describeComparison, FILES } from './report.ts';
import { testTokens } from './test-tokens.ts';
import { byName, readRun } from './trained-run.ts';
import { readGreedy } from './greedy-translations.ts';

const HELP = `Usage: npm run compare -- --data DIR --runs RUN... [options]
       npm run compare -- --data DIR --tests FILE --pack DIR

Compares trained translators on Multi30k test2016, English to German: BLEU, BLEU by source length, also of neighbours joined
to long ones, size, training and times, and counted operations. Writes a report, its data and its plots. Of runs of one
name, the learning rate that was best at validation is taken, and the mean of its seeds.

  --data DIR       the folder that has multi30k/, as in training
  --runs RUN...    folders of training runs (runs/comparison-*)
  --greedy FILE    their greedy translations (translations.jsonl of scripts/torch/train_comparison.py), where they are there
  --output DIR     where the files go (default: docs/comparison)
  --beam N         beam width (default: 5)
  --sentences N    how many sentences are timed (default: 100)
  --tests FILE     compare nothing; write the test set, also joined, as tokens for scripts/torch/train_comparison.py
  --pack DIR       with --tests: the pack whose vocabulary cuts it
  --limit N        only the first lines of the test set, to see that it works; the scores mean nothing
`;

try {
  await main();
} catch (error) {
  process.stderr.write(`compare: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    // The shell makes several arguments of one pattern.
    allowPositionals: true,
    options: {
      help: { type: 'boolean', default: false },
      data: { type: 'string' },
      greedy: { type: 'string' },
      runs: { type: 'string', multiple: true, default: [] },
      output: { type: 'string', default: join('docs', 'comparison') },
      tests: { type: 'string' },
      pack: { type: 'string' },
      beam: { type: 'string', default: '5' },
      sentences: { type: 'string', default: '100' },
      limit: { type: 'string', default: String(Number.MAX_SAFE_INTEGER) },
    },
  });
  const folders = [...values.runs, ...positionals];
  const isComplete = values.tests === undefined ? folders.length > 0 : values.pack !== undefined;
  if (values.help || values.data === undefined || !isComplete) {
    process[values.help ? 'stdout' : 'stderr'].write(HELP);
    process.exitCode = values.help ? 0 : 2;
    return;
  }
  const [source, reference] = ['multi30k/test2016.en', 'multi30k/test2016.de'];
  const all = await readTestSet(join(values.data, source), [join(values.data, reference)]);
  if (values.tests !== undefined) {
    const tokens = await testTokens(all, 'test2016', join(values.pack!, 'initial'), 'de');
    await writeFileAtomically(values.tests, JSON.stringify(tokens));
    return;
  }
  const limit = count('--limit', values.limit);
  const kinds = byName(await Promise.all(folders.map(readRun)));
  await useBackend('native');
  const comparison = await compareTranslators(kinds, {
    test: { source, reference, sources: all.sources.slice(0, limit), references: all.references.slice(0, limit) },
    to: 'de',
    beam: count('--beam', values.beam),
    timedSentences: count('--sentences', values.sentences),
    greedy: values.greedy === undefined ? undefined : await readGreedy(values.greedy),
    say,
  });
  say('');
  await write(values.output, comparison);
  process.stdout.write(`${join(values.output, FILES.report)}\n`);
}

async function write(folder: string, comparison: Comparison): Promise<void> {
  const pretty = async (name: string, text: string): Promise<void> => {
    const file = join(folder, name);
    await writeFileAtomically(file, await format(text, { ...(await resolveConfig(file)), filepath: file }));
  };
  await pretty(FILES.data, JSON.stringify(comparison, rounded));
  await pretty(FILES.report, describeComparison(comparison));
  await writeFileAtomically(join(folder, FILES.bleuByLength), plotBleuByLength(comparison));
  await writeFileAtomically(join(folder, FILES.learning), plotLearning(comparison));
  await writeFileAtomically(join(folder, FILES.operations), plotOperations(comparison));
}

/** Six digits: more would be noise. */
const rounded = (_: string, value: unknown): unknown =>
  typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(6)) : value;

function count(option: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new Error(`${option} takes a whole number, not "${text}".`);
  return value;
}

/** A line that the next one replaces, on a terminal only. */
function say(what: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${what}`);
}
