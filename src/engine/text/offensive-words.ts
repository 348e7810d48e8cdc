/**
 * Words that nobody wants in a translation of a text that has none: obscene, or abuse of people. Short lists on purpose:
 * only what is hardly ever anything else, as beginnings of words (`*` at the end: any ending).
 */
const WORDS: Readonly<Record<string, string>> = {
  en: 'fuck* motherfuck* shit shits shitty bullshit cunt* cock cocks cocksuck* pussy pussies whore* slut* nigger* nigga* faggot* bitch bitches asshole* arsehole* dickhead* wank* jerk* blowjob* cum dildo* tits twat* bastard* retard*',
  de: 'fick* gefickt verfickt* arschloch* arschlöch* arsch fotze* votze* schwanzlutsch* hure huren hurensohn* hurensöhn* nutte* schlampe* wichs* wichser* scheiß* scheiss* beschissen* neger* schwuchtel* titten muschi* pisser* verpiss*',
  fr: 'putain* pute putes salope salopes salopard* connard* connasse* conne connes enculé* enculer* encule* merde* merdique* bite bites couille* foutre nique niquer niqué* branler* branleur* pédé* nègre* négro* bordel bordels',
  es: 'puta putas puto putos putada* hijoputa* joder* jodid* jódete jodas polla pollas coño* cabrón cabron cabrones cabrona* maricón maricon maricones marica maricas mierda* culo culos pendej* verga vergas follar* follad* follo follando mamada* chingar* chingad* chinga gilipollas cojones huevón*',
  cs: 'kurva* kurvy kurvo kurvě kundo* kunda* píča píči píčo pičo piča pičovin* kokot* čurák* čurac* mrdat* mrdk* zmrd* hovno* hovna sraní srát sráč* seru posrat* posran* prdel* jebat* jebat* vyjeb* zajeb* buzerant* buzna děvka děvky šuká* šukat* negr negři',
};
/** What a list's beginnings also begin. */
const INNOCENT: Readonly<Record<string, RegExp>> = {
  en: /^(?:jerk(?:y|ed|ing|s)?|retard(?:ant|ation|ed|ing)?)$/u,
  de: /^(?:negeri\p{L}*)$/u,
  cs: /^(?:jebla|prdelk\p{L}*)$/u,
};

const patterns = new Map<string, RegExp | undefined>();

/**
 * The offensive words of a text, as they stand there.
 * @param language a tag; of a language without a list nothing is found
 */
export function offensiveWords(text: string, language: string): string[] {
  const [base = ''] = language.toLowerCase().split('-');
  if (!patterns.has(base)) patterns.set(base, patternOf(WORDS[base]));
  const pattern = patterns.get(base);
  const found = pattern ? (text.match(pattern) ?? []) : [];
  return found.filter((word) => !INNOCENT[base]?.test(word.toLowerCase()));
}

/** Whether a text has such a word, in its own language or in any that there is a list for. */
export function isOffensive(text: string, language: string): boolean {
  return offensiveWords(text, language).length > 0;
}

function patternOf(words: string | undefined): RegExp | undefined {
  if (words === undefined) return undefined;
  const either = words.split(' ').map((word) => word.replace(/\*$/, String.raw`[\p{L}\p{M}]*`));
  return new RegExp(String.raw`(?<![\p{L}\p{M}-])(?:${either.join('|')})(?![\p{L}\p{M}])`, 'giu');
}
