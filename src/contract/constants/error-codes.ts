/** Faults of a photo itself, which another try does not mend. */
export const PHOTO_FAILURES = [
  'is-directory',
  'not-permitted',
  'empty',
  'unsupported',
  'too-large',
  'truncated',
  'unreadable',
  'file-gone',
] as const;
export type PhotoFailure = (typeof PHOTO_FAILURES)[number];

/** Why a request failed. Callers branch on the code, people read the message. */
export const ERROR_CODES = [
  // What was asked for.
  'bad-request',
  'unknown-request',
  'wrong-method',
  'not-found',
  'unknown-words',
  'unknown-language',
  'too-long',
  'nothing-to-export',
  ...PHOTO_FAILURES,
  // What is missing here.
  'no-captioner',
  'no-translator',
  'no-attention',
  // Nor can it be got from elsewhere now.
  'no-hub',
  'not-here',
  // Writing.
  'cannot-write',
  // Who asks.
  'unauthorized',
  'forbidden',
  // How it went.
  'cancelled',
  'connection-lost',
  'internal',
] as const;
export type ErrorCode = (typeof ERROR_CODES)[number];
