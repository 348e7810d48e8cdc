import { expect, it } from 'vitest';
import { didLook } from '../../../src/renderer/attention/did-look.ts';

it('takes a word as looked for where its probability is another when the model looks everywhere alike', () => {
  expect(didLook(0.9, 0.88)).toBe(false);
  expect(didLook(0.9, 0.92)).toBe(false);
  expect(didLook(0.9, 0.8)).toBe(true);
  expect(didLook(0.01, 0.012)).toBe(true);
  expect(didLook(0.3, 0)).toBe(true);
});
