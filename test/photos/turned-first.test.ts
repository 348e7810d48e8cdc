import { afterEach, expect, it, vi } from 'vitest';
import { decodePhoto } from '../../src/photos/decode-photo.ts';
import { raster, toSharp } from './synthetic-photo.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

it('reads a turned photo that is not in a file where no temporary file can be written', async () => {
  const stored = toSharp(raster(160, 80, (x) => (x < 80 ? [200, 30, 30] : [30, 30, 200]))).withMetadata({
    orientation: 6,
  });
  const bytes = await stored.jpeg().toBuffer();
  for (const name of ['TMPDIR', 'TEMP', 'TMP']) vi.stubEnv(name, '/nowhere/at/all');
  const task = { data: { bytes }, size: { width: 10, height: 20 }, pixelLimit: 1e6 };
  const { header, pixels } = await decodePhoto(task, 1e8);
  expect(header).toEqual({ width: 80, height: 160, format: 'jpeg' });
  expect([...pixels!.subarray(0, 3)].map((value) => value > 100)).toEqual([true, false, false]);
  expect([...pixels!.subarray(-3)].map((value) => value > 100)).toEqual([false, false, true]);
});
