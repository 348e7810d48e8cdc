import { expect, test } from 'vitest';
import { dataSize } from '../../src/files/data-size.ts';

test.each([
  [0, '0 kB'],
  [72_340, '72 kB'],
  [1_000_000, '1.0 MB'],
  [990_424_000, '990.4 MB'],
])('%d bytes are %s', (bytes, text) => expect(dataSize(bytes)).toBe(text));
