/*
 * The files of a model as its authors publish it, for whoever fetches or sends one.
 */

/** What the families need beside the weights; a model has those of its family. */
const SMALL: readonly string[] = [
  'config.json',
  'generation_config.json',
  'preprocessor_config.json',
  'tokenizer_config.json',
  'tokenizer.json',
  'vocab.json',
  'target_vocab.json',
  'source.spm',
  'target.spm',
  'README.md',
];
const INDEX = 'model.safetensors.index.json';

const isWhole = (file: string): boolean => file === 'model.safetensors';
const isPart = (file: string): boolean => file === INDEX || /^model-\d{5}-of-\d{5}\.safetensors$/.test(file);
const isTorch = (file: string): boolean => file === 'pytorch_model.bin';

/** Those of a model's files that Attend takes, however there are more; of weights that are there in several forms the safest. */
export function publishedFiles(files: readonly string[]): { small: string[]; weights: string[] } {
  const parts = files.filter(isPart);
  const forms = [files.filter(isWhole), parts.includes(INDEX) ? parts : [], files.filter(isTorch)];
  return {
    small: files.filter((file) => SMALL.includes(file)),
    weights: forms.find(({ length }) => length > 0) ?? [],
  };
}

/** The most bytes of a folder that a page sends. */
export const MOST_SENT = 8e9;
/** The most bytes of one piece of it. */
export const PIECE = 2 ** 24;
