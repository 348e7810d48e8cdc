/**
 * Attend as a library: `import { openCaptioner } from 'attend'`. Captions with a map for every word, translations with
 * their alignments, pictures of the attention, and the metrics of the field; for Node, offline.
 */
export { Captioner, openCaptioner } from './captioner.ts';
export type { CaptionRequest, OpenCaptionerOptions } from './captioner.ts';
export type { PhotoInput } from './photo-input.ts';
export { openTranslator, Translator } from './translator.ts';
export type { OpenTranslatorOptions, TranslationRequest } from './translator.ts';
export { drawAttention } from './draw-attention.ts';
export type { AttentionPicture } from './draw-attention.ts';
export { listModels } from './models.ts';
export type { InstalledModel } from './models.ts';
export { scoreCaptions, scoreTranslations } from './scores.ts';
export type { CaptionScores } from '../engine/metrics/caption-scores.ts';
export type { TranslationScores } from '../engine/metrics/translation-scores.ts';
export { AttendError } from '../contract/attend-error.ts';
export { PhotoError } from '../photos/photo-error.ts';
export type { FailedPhoto } from '../photos/photo-to-caption.ts';
export { UnknownLanguageError } from '../translation/languages.ts';
export type { PlacedSentence, TranslatedText } from '../translation/translation-result.ts';
export type { BackendName } from '../contract/constants/backends.ts';
export type { CardName, DeviceName, DeviceReport } from '../contract/constants/devices.ts';
export type { Caption, CaptionedPhoto, Word } from '../contract/data/captions.ts';
export type { PictureStyle } from '../pictures/render-word.ts';
