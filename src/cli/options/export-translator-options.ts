import type { PortableFormat } from '../../training/portable/portable-folder.ts';
import type { TranslationDomain } from '../../contract/constants/translation-domains.ts';

/** What `attend export translator` is told on the command line. */
export interface ExportTranslatorCommandOptions {
  run: string;
  format: 'attend' | PortableFormat;
  output: string;
  beam?: number;
  lengthNormalisation?: number;
  alignmentLayer?: number;
  domain?: TranslationDomain;
  card?: string;
  results?: string;
}
