/**
 * The language in which Attend speaks to somebody; its page and its menu must choose alike.
 *
 * @param setting 'system' or a language tag
 * @param preferred tags that the system prefers, the dearest first
 * @param known tags without a region that there are texts for
 * @returns one of `known`, or "en" where none is wanted
 */
export function chooseLanguage(setting: string, preferred: readonly string[], known: readonly string[]): string {
  const wanted = setting === 'system' ? preferred : [setting, ...preferred];
  return wanted.map((tag) => tag.split('-')[0] ?? '').find((tag) => known.includes(tag)) ?? 'en';
}
