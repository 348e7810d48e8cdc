/** What a model is for. */
export const MODEL_KINDS = ['captioner', 'translator'] as const;
export type ModelKind = (typeof MODEL_KINDS)[number];
