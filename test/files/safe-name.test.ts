import { expect, it } from 'vitest';
import { safeName } from '../../src/files/safe-name.ts';

it.each([
  ['beach.2024', 'beach.2024'],
  ['a: b?', 'a- b-'],
  ['con', 'con_'],
  ['Con.2024', 'Con_.2024'],
  ['COM¹', 'COM¹_'],
  ['console', 'console'],
  ['end. . ', 'end'],
  ['...', '_'],
  ['\u202egpj.exe\u200f', 'gpj.exe'],
  ['a\tb\nc', 'a-b-c'],
  ['写'.repeat(13), '写'.repeat(13)],
  ['写'.repeat(76), `${'写'.repeat(10)}-a6a5e666`],
  ['写'.repeat(77), `${'写'.repeat(10)}-40788b88`],
])('makes of %j the name %j, which every system takes', (name, expected) => {
  expect(safeName(name, 40)).toBe(expected);
});
