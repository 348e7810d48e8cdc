import type { PortableFormat } from '../../training/portable/portable-folder.ts';
/** What `attend export captioner` is told on the command line. */
export interface ExportCaptionerOptions {
  run: string;
  format: 'attend' | PortableFormat;
  output: string;
  beam?: number;
  lengthNormalisation?: number;
  secondLook?: boolean;
  encoderOf?: string;
  card?: string;
  results?: string;
}
