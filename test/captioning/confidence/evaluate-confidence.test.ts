import { beforeAll, describe, expect, it } from 'vitest';
import type { ContentWordFinder } from '../../../src/captioning/confidence/content-word.ts';
import { loadContentWords } from '../../../src/captioning/confidence/content-words.ts';
import { judge, scoreConfidence, type JudgedCaption } from '../../../src/captioning/confidence/evaluate-confidence.ts';
import { confidenceTable, riskCoveragePlot } from '../../../src/captioning/confidence/report.ts';

let find: ContentWordFinder;
beforeAll(async () => {
  find = await loadContentWords();
});

const words = (caption: string, confidences: Record<string, number>) =>
  caption.split(' ').map((word) => ({
    word,
    probability: 0.5,
    weights: [],
    ...(confidences[word] === undefined ? {} : { confidence: confidences[word] }),
  }));

describe('judging a caption', () => {
  const caption = words('a white dog is running on the beach', { white: 0.3, dog: 0.9, running: 0.6, beach: 0.4 });

  it('takes it for right where people confirm all things, whatever they say of the rest', () => {
    const judged = judge({ confidence: 0.7, words: caption }, ['A puppy on a beach.'], find);
    expect(judged).toMatchObject({ confidence: 0.7, isRight: true });
    expect(judged?.words.map(({ confidence, isRight }) => [confidence, isRight])).toEqual([
      [0.3, false],
      [0.9, true],
      [0.6, false],
      [0.4, true],
    ]);
    expect(judge({ confidence: 0.7, words: caption }, ['A white dog running in the snow.'], find)?.isRight).toBe(false);
  });

  it('says nothing where the model says no confidence', () => {
    expect(judge({ words: caption }, ['A dog.'], find)).toBeUndefined();
  });
});

describe('the scores of confidence', () => {
  const captions: JudgedCaption[] = [
    { confidence: 0.9, isRight: true, words: [{ confidence: 0.9, isRight: true }] },
    { confidence: 0.6, isRight: false, words: [{ confidence: 0.2, isRight: false }] },
    { confidence: 0.5, isRight: true, words: [{ confidence: 0.8, isRight: true }] },
    { confidence: 0.2, isRight: false, words: [{ confidence: 0.3, isRight: true }] },
  ];

  it('are those of all captions, with intervals around them', () => {
    const scores = scoreConfidence(captions);
    expect(scores.right.captions.value).toBe(0.5);
    expect(scores.auc.captions.value).toBe(0.75);
    expect(scores.auc.words.value).toBe(1);
    expect(scores.risk.find(({ coverage }) => coverage === 0.5)?.risk.value).toBe(0.5);
    expect(scores.notSure.captions).toEqual({ share: 0.25, wrong: 1, wrongElsewhere: expect.closeTo(1 / 3, 12) });
    expect(scores.notSure.words).toEqual({ share: 0.5, wrong: 0.5, wrongElsewhere: 0 });
    const { high, low, value } = scores.calibrationError.captions;
    expect(low <= value && value <= high).toBe(true);
    expect(scoreConfidence(captions)).toEqual(scores);
  });

  it('are told as a table and as a plot', () => {
    const scores = scoreConfidence(captions);
    expect(confidenceTable(scores).join('\n')).toMatch(/AUC, captions +0\.750 \(.*wrong at 50 % coverage +0\.50 \(/s);
    expect(riskCoveragePlot(scores)).toMatch(/^<svg.*surest first.*<\/svg>\n$/s);
  });
});
