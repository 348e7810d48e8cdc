/** What a person does that can be undone. */
export const STEP_KINDS = ['remove', 'edit', 'keywords', 'choose', 'review', 'replace'] as const;
export type StepKind = (typeof STEP_KINDS)[number];
