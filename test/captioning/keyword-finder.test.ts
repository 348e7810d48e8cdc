import { beforeAll, describe, expect, it } from 'vitest';
import { END, START, UNKNOWN, Vocabulary } from '../../src/engine/text/vocabulary.ts';
import { keywordFinderFor, loadKeywordFinder, type KeywordFinder } from '../../src/captioning/keyword-finder.ts';

let find: KeywordFinder;
beforeAll(async () => {
  find = await loadKeywordFinder();
});

const words = (caption: string): string[] => find(caption).map(({ keyword }) => keyword);

describe('the keywords of a caption', () => {
  it.each([
    ['A brown and white dog is running in the grass.', ['dog', 'running', 'grass']],
    ['Two men in red shirts are at the beach with children.', ['man', 'shirt', 'beach', 'child']],
    ['A man wearing sunglasses is holding a cell phone.', ['man', 'sunglasses', 'cell phone']],
    ['A teddy bear sitting on a bed.', ['teddy bear', 'bed']],
    ['A woman riding a horse by the parking meters.', ['woman', 'riding', 'horse', 'parking meter']],
    ['A building with a wooden swing.', ['building', 'swing']],
    ['Two canoes and fruits and veggies beside a camera lens.', ['canoe', 'fruit', 'veggie', 'camera lens']],
  ])('of “%s” are %j', (caption, keywords) => {
    expect(words(caption)).toEqual(keywords);
  });

  it.each([
    ['what stands for other things', 'A group of people in the middle of a bunch of bananas.', ['people', 'banana']],
    ['marks of punctuation that stand alone', 'A dog , in the snow .', ['dog', 'snow']],
    ['colours', 'A dog on a blue and a yellow.', ['dog']],
    ['who owns something, and pronouns', "A man's dog with his ball.", ['dog', 'ball']],
    ['what almost every caption says is done', 'A boy standing.', ['boy']],
    ['everything, where there is nothing', '', []],
  ])('leave out %s', (_, caption, keywords) => {
    expect(words(caption)).toEqual(keywords);
  });

  it('know where they stand', () => {
    const caption = 'A brown dog and two teddy bears.';
    expect(find(caption).map(({ place: [start, end] }) => caption.slice(start, end))).toEqual(['dog', 'teddy bears']);
  });

  it('tell things from activities', () => {
    expect(find('A dog is running.').map(({ kind }) => kind)).toEqual(['thing', 'activity']);
  });
});

it('only English captions have keywords', async () => {
  const vocabulary = (words: string): Vocabulary => new Vocabulary([START, END, UNKNOWN, ...words.split(' ')]);
  expect(await keywordFinderFor({ vocabulary: vocabulary('un chien dans la neige') })).toBeUndefined();
  expect(await keywordFinderFor({ vocabulary: vocabulary('a dog on the snow and with of is') })).toBe(find);
});
