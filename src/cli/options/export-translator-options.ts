import type { TranslationDomain } from '../../contract/constants/translation-domains.ts';

/** What `attend export translator` is told on the command line. */
export interface ExportTranslatorCommandOptions {
  run: string;
  output: string;
  beam?: number;
  lengthNormalisation?: number;
  alignmentLayer?: number;
  domain?: TranslationDomain;
  card?: string;
  results?: string;
}
