import { i18n } from '../../i18n/i18n.svelte.ts';
import type { LearnTexts } from '../../i18n/learn/en.ts';
import { tableSvg } from '../../text/table-svg.ts';
import type { Asking } from './asking.svelte.ts';
import { answerText, factSentence } from './story-sentences.ts';

/** The facts with the weights of every hop, and what the network says, as a picture. */
export function storySvg(t: LearnTexts['stories'], asking: Asking): string {
  const { answer, facts, nowhere, places, solution } = asking;
  const weights = answer?.weights ?? [];
  const cell = (share: number | undefined): { text: string; share?: number } =>
    share === undefined ? { text: '' } : { text: i18n.percent(share), share };
  return tableSvg(
    [t.facts, ...weights.map((_, hop) => t.hop(String(hop + 1)))],
    [
      ...facts.map(({ fact, isForgotten }, i) => [
        { text: factSentence(t, fact), struck: isForgotten },
        ...weights.map((p) => cell(isForgotten ? undefined : p[places[i] ?? -1])),
      ]),
      [{ text: t.nowhere }, ...nowhere.map(cell)],
    ],
    answer ? [t.says(answerText(t, answer.answer)), t.follows(answerText(t, solution.answer))] : [],
  );
}
