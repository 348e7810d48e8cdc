import type { TextFormat } from './text-formats.ts';

/** What `attend translate` is told on the command line. */
export interface TranslateCommandOptions {
  to: string;
  from?: string;
  json?: boolean;
  heads?: boolean;
  alternatives: number;
  beam?: number;
  lengthNormalisation?: number;
  format?: TextFormat;
  output?: string;
  model?: string;
}
