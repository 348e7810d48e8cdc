/** Where a model that was added comes from. */
export interface ModelSource {
  /** A repository of the Hub ("Helsinki-NLP/opus-mt-en-de"), or the name of a folder. */
  readonly name: string;
  /** The commit that was taken. */
  readonly revision?: string;
  /** As the Hub has it; default: as the authors' card states it. */
  readonly licence?: string;
}

/**
 * The card of a model that was added: where it comes from and what was done to it, then what its authors say of it, as
 * they say it.
 *
 * @param theirs the authors' own card (README.md), with its header of YAML
 */
export function publishedCard(name: string, family: string, source: ModelSource, theirs: string | undefined): string {
  const { body, licence } = partsOf(theirs ?? '');
  const lines = [
    `# ${name}`,
    '',
    `A published model (${family}) that was added to Attend. Its weights were rounded to float16.`,
    '',
    `- Source: ${source.name}${source.revision === undefined ? '' : `, revision ${source.revision}`}`,
    `- Licence: ${source.licence ?? licence ?? 'not stated by its authors in the card; ask them before you publish what it makes'}`,
    '',
    '## What its authors say',
    '',
    body === '' ? 'They say nothing: the model came without a card.' : body,
    '',
  ];
  return lines.join('\n');
}

/** Whether what a card has in its place names a licence: the Hub lets authors say that they know of none. */
export const isLicence = (stated: string): boolean => !/^(?:unknown)?$/i.test(stated.trim());

/** The licence of a card's header, and the text behind the header. */
function partsOf(card: string): { licence: string | undefined; body: string } {
  const header = /^\ufeff?---\r?\n([^]*?)\r?\n---\r?\n/.exec(card);
  const licence = /^license:[ \t]*["']?([^"'\r\n]+?)["']?[ \t]*$/m.exec(header?.[1] ?? '')?.[1];
  return {
    licence: licence !== undefined && isLicence(licence) ? licence : undefined,
    body: card.slice(header?.[0].length ?? 0).trim(),
  };
}
