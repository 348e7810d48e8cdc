import { describe, expect, it } from 'vitest';
import { isLicence, publishedCard } from '../../../src/model-folders/published/published-card.ts';

const cardOf = (header: string): string =>
  publishedCard('captioner-toy', 'BLIP', { name: 'toy' }, `---\n${header}\n---\n\nA toy.\n`);

describe('the licence on the card of a model that was added', () => {
  it('is what its authors state', () => {
    expect(cardOf('license: "mit"')).toContain('- Licence: mit\n');
  });

  it.each(['license: unknown', 'license: Unknown ', 'license:', 'language: de'])('is not stated by %j', (header) => {
    expect(cardOf(header)).toContain('- Licence: not stated by its authors');
  });

  it('is one by whatever name', () => {
    expect(['other', 'unknown-to-us', 'cc0-1.0'].every(isLicence)).toBe(true);
  });
});
