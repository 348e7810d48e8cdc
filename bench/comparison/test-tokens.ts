import { readCheckpoint } from '../../src/engine/checkpoint/checkpoint.ts';
import { sourceTokens } from '../../src/engine/text/source-tokens.ts';
import { DirectoryStore } from '../../src/model-folders/directory-store.ts';
import type { TestSet } from '../../src/translation/evaluate-translation.ts';
import { describeTranslator, tokenizerOf } from '../../src/translation/translator-checkpoint.ts';
import { JOINED, joinNeighbours } from './lengths.ts';

/**
 * The test set and its joined lines as `--tests` of scripts/torch/train_comparison.py wants them.
 * @param model a checkpoint whose vocabulary is that of all runs (`initial` of a pack)
 */
export async function testTokens(test: TestSet, name: string, model: string, to: string): Promise<object[]> {
  const checkpoint = await readCheckpoint(new DirectoryStore(model));
  const tokenizer = tokenizerOf(checkpoint, describeTranslator(checkpoint));
  return [1, ...JOINED].map((count) => {
    const { references, sources } = joinNeighbours(test, count);
    return {
      name: count === 1 ? name : `${name}-joined-${count}`,
      sources: sources.map((source) => sourceTokens(tokenizer, tokenizer.encode(source), to)),
      references: references.map(([first]) => first),
    };
  });
}
