import { z } from 'zod';
import { BACKENDS } from '../contract/constants/backends.ts';
import { DEVICES } from '../contract/constants/devices.ts';
import { MAP_KINDS } from '../contract/constants/map-kinds.ts';
import { TRANSLATION_DOMAINS } from '../contract/constants/translation-domains.ts';
import { CaptionOptions } from '../contract/data/captions.ts';
import { LanguageTag, Probability } from '../contract/data/parts.ts';
import { MapStyle } from '../contract/data/settings.ts';

const Name = z.string().min(1);
const Signal = z.custom<AbortSignal>((value) => value instanceof AbortSignal, 'takes an AbortSignal');
const Listener = z.custom<(...told: never[]) => unknown>((value) => typeof value === 'function', 'takes a function');

/** What a program may ask, in the words of its types: a program in JavaScript has no other check. */
export const ASKED = {
  openCaptioner: z.strictObject({
    model: Name.optional(),
    backend: z.enum(BACKENDS).optional(),
    device: z.enum(DEVICES).optional(),
  }),
  captions: CaptionOptions.extend({
    alternativesWithMaps: z.boolean().optional(),
    maps: z.enum(MAP_KINDS).optional(),
    keywords: z.boolean().optional(),
    minConfidence: Probability.optional(),
    batchSize: z.int().min(1).optional(),
    signal: Signal.optional(),
  }).strict(),
  openTranslator: z.strictObject({
    model: Name.optional(),
    from: LanguageTag.optional(),
    to: LanguageTag.optional(),
    domain: z.enum(TRANSLATION_DOMAINS).optional(),
    backend: z.enum(BACKENDS).optional(),
  }),
  translations: z.strictObject({
    to: LanguageTag.optional(),
    alternatives: z.int().min(0).optional(),
    beam: z.int().min(1).optional(),
    lengthNormalisation: z.number().min(0).optional(),
    lineBreak: z.enum(['end', 'space']).optional(),
    split: z.boolean().optional(),
    signal: Signal.optional(),
    onResult: Listener.optional(),
  }),
  picture: z.union([z.enum(['png', 'svg', 'html', 'webp', 'gif']), z.strictObject({ word: z.number() })], {
    error: 'takes "png", "svg", "html", "webp", "gif" or { word }',
  }),
  style: MapStyle.partial().strict(),
} as const;

/**
 * Checks what a program gave.
 * @param what it is, as a sentence begins: "The options of openCaptioner"
 * @throws TypeError with a sentence that names the part that cannot be used
 */
export function check(schema: z.ZodType, given: unknown, what: string): void {
  const [issue] = schema.safeParse(given).error?.issues ?? [];
  if (!issue) return;
  const part = issue.path.length > 0 ? `: ${issue.path.join('.')}` : '';
  throw new TypeError(`${what} cannot be used${part}: ${issue.message}.`);
}

/** A value in a sentence: what a person can tell it by. */
export function described(value: unknown): string {
  if (value === '') return 'an empty text';
  if (value === null || typeof value !== 'object') return String(value);
  return Array.isArray(value) ? 'a list' : `an object (${Object.keys(value).slice(0, 3).join(', ')})`;
}
