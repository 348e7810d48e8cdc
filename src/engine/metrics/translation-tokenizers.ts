/**
 * How a line is cut into the tokens that BLEU counts. A score means something only together with the name of its
 * tokenizer, so the names are those of sacreBLEU's signature.
 *
 * - `13a`: the tokenizer of NIST's mteval-v13a, as sacreBLEU has it: marks apart, but full stops and commas stay
 *   between digits, hyphens stay unless a digit is before them; case stays.
 * - `none`: the line has been tokenised already; it is cut at white space.
 */
export type TranslationTokenizer = '13a' | 'none';

export function tokenizeLine(line: string, tokenizer: TranslationTokenizer): string[] {
  return splitAtSpace(tokenizer === '13a' ? separateMarks(line) : line);
}

/**
 * What Python takes for white space, which sacreBLEU cuts at: unlike `\s` with the information separators and the next
 * line, and without the byte order mark.
 */
// eslint-disable-next-line no-control-regex
const SPACES = /[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/u;

/** The words of a line; none where there is only white space. */
export function splitAtSpace(line: string): string[] {
  return line.split(SPACES).filter((word) => word !== '');
}

const ENTITIES: Readonly<Record<string, string>> = { '&quot;': '"', '&amp;': '&', '&lt;': '<', '&gt;': '>' };

/** Puts spaces around what mteval-v13a takes for tokens of their own. The order of the steps is part of the definition. */
function separateMarks(line: string): string {
  // Spaces at the end go before anything else, or a last hyphen with a line break would be taken for a cut word.
  let text = line.replace(new RegExp(`${SPACES.source}$`, 'u'), '');
  text = text.replaceAll('<skipped>', '').replaceAll('-\n', '').replaceAll('\n', ' ');
  // One after the other: "&amp;lt;" becomes "<".
  for (const [entity, character] of Object.entries(ENTITIES)) text = text.replaceAll(entity, character);
  return (
    ` ${text} `
      // All of ASCII's marks but the apostrophe, the comma, the hyphen and the full stop.
      .replace(/[!-&(-+/:-@[-`{-~]/g, ' $& ')
      .replace(/([^0-9])([.,])/g, '$1 $2 ')
      .replace(/([.,])([^0-9])/g, ' $1 $2')
      .replace(/([0-9])-/g, '$1 - ')
  );
}
