import { describe, expect, it } from 'vitest';
import { NOUN_PHRASES, type Noun, type Slot } from '../../../../src/training/translator/phrasebook/noun-phrases.ts';

const noun = (gender: string, forms: string): Noun => ({ gender, forms: forms.split('/') });
const phrase = (language: string, of: Noun, slot: Slot, adjective?: string): string | undefined =>
  NOUN_PHRASES[language]!(of, slot, adjective);

describe('a noun phrase', () => {
  it('has the right article in English', () => {
    const apple = noun('', 'apple/apples');
    expect(phrase('en', apple, 'a')).toBe('an apple');
    expect(phrase('en', apple, 'acc', 'red')).toBe('a red apple');
    expect(phrase('en', apple, 'two')).toBe('two apples');
    expect(phrase('en', noun('', 'rice'), 'of')).toBe('rice');
  });

  // Endings of the mixed declension, after "ein": Duden, Grammatik.
  it.each([
    ['m', 'Hund/Hunde', ['ein großer Hund', 'einen großen Hund', 'einem großen Hund']],
    ['f', 'Uhr/Uhren', ['eine große Uhr', 'eine große Uhr', 'einer großen Uhr']],
    ['n', 'Bett/Betten', ['ein großes Bett', 'ein großes Bett', 'einem großen Bett']],
    ['m', 'Bär/Bären/Bären', ['ein großer Bär', 'einen großen Bären', 'einem großen Bären']],
  ])('is declined in German: %s %s', (gender, forms, expected) => {
    const declined = (['a', 'acc', 'with'] as const).map((slot) => phrase('de', noun(gender, forms), slot, 'groß'));
    expect(declined).toEqual(expected);
  });

  it('has the dative plural after “von” in German', () => {
    expect(phrase('de', noun('m', 'Apfel/Äpfel'), 'of')).toBe('von Äpfeln');
    expect(phrase('de', noun('f', 'Uhr/Uhren'), 'of')).toBe('von Uhren');
    expect(phrase('de', noun('n', 'Sofa/Sofas'), 'of')).toBe('von Sofas');
  });

  it('has its adjective before or after it in French, and elides “de”', () => {
    const giraffe = noun('f', 'girafe/girafes');
    expect(phrase('fr', giraffe, 'a', 'blanc/blanche')).toBe('une girafe blanche');
    expect(phrase('fr', giraffe, 'a', '^petit/petite')).toBe('une petite girafe');
    expect(phrase('fr', giraffe, 'of')).toBe('de girafes');
    expect(phrase('fr', noun('m', 'œuf/œufs'), 'of')).toBe("d'œufs");
    expect(phrase('fr', noun('m', 'hélicoptère/hélicoptères'), 'of')).toBe("d'hélicoptères");
    expect(phrase('fr', noun('m', 'hamburger/hamburgers'), 'of')).toBe('de hamburgers');
  });

  it('agrees with its adjective in Spanish', () => {
    expect(phrase('es', noun('f', 'mesa/mesas'), 'with', 'negro/negra')).toBe('una mesa negra');
    expect(phrase('es', noun('m', 'oso/osos'), 'two')).toBe('dos osos');
  });

  // The hard declension: mladý, mladá, mladé.
  it.each([
    ['ma', 'pes/psa/psem/psi/psů', ['velký pes', 'velkého psa', 'velkým psem', 'dva psi']],
    ['mi', 'stůl/stůl/stolem/stoly/stolů', ['velký stůl', 'velký stůl', 'velkým stolem', 'dva stoly']],
    ['f', 'žirafa/žirafu/žirafou/žirafy/žiraf', ['velká žirafa', 'velkou žirafu', 'velkou žirafou', 'dvě žirafy']],
    ['n', 'auto/auto/autem/auta/aut', ['velké auto', 'velké auto', 'velkým autem', 'dvě auta']],
  ])('is declined in Czech: %s %s', (gender, forms, expected) => {
    const declined = (['a', 'acc', 'ins', 'two'] as const).map((slot) =>
      phrase('cs', noun(gender, forms), slot, 'velk'),
    );
    expect(declined).toEqual(expected);
  });

  it('has “se” where Czech could not say “s”', () => {
    expect(phrase('cs', noun('n', 'auto/auto/autem/auta/aut'), 'with')).toBe('s autem');
    expect(phrase('cs', noun('n', 'auto/auto/autem/auta/aut'), 'with', 'žlut')).toBe('se žlutým autem');
  });

  it.each([
    ['en', 'rice'],
    ['de', 'Reis'],
    ['fr', 'riz'],
    ['es', 'arroz'],
    ['cs', 'rýže/rýži/rýží'],
  ])('is nothing where a noun has no such form: %s', (language, forms) => {
    expect(phrase(language, noun('m', forms), 'two')).toBeUndefined();
    expect(phrase(language, noun('m', forms), 'pl')).toBeUndefined();
    expect(phrase(language, noun('m', forms), 'bare')).toBe(forms.split('/')[0]);
  });
});
