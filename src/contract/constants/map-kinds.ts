/** Maps that are found where somebody wants them: where the model looked, given the word; what the word depends on. */
export const FOUND_MAPS = ['posterior', 'mattered'] as const;
export type FoundMaps = (typeof FOUND_MAPS)[number];

/** What maps of a caption's words can show; first where the model looked, which comes with the caption. */
export const MAP_KINDS = ['looked', ...FOUND_MAPS] as const;
export type MapKind = (typeof MAP_KINDS)[number];

/** What is to be found; nothing where maps show what comes with the caption. */
export const toBeFound = (kind: MapKind | undefined): FoundMaps | undefined => FOUND_MAPS.find((one) => one === kind);

/** Maps of words by their kinds, as words carry them. */
type HasFound = Readonly<Partial<Record<FoundMaps, unknown>>>;

/** Which maps a word has beside where the model looked. */
export const foundOf = (word: HasFound): FoundMaps | undefined => FOUND_MAPS.find((kind) => word[kind] !== undefined);

/** Which maps the words of a caption have beside where the model looked. */
export const foundAmong = (words: readonly HasFound[]): FoundMaps | undefined =>
  words.map(foundOf).find((kind) => kind !== undefined);
