import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseTorchArchive } from '../../../src/engine/published/torch-archive.ts';

const file = (name: string): Uint8Array => readFileSync(new URL(`fixtures/torch/${name}`, import.meta.url));
const eighths = (...numbers: number[]): number[] => numbers.map((number) => number / 8);

describe.each(['zip.bin', 'old.bin'])("the arrays of PyTorch's %s", (name) => {
  const tensors = parseTorchArchive(file(name));
  const numbersOf = (key: string): number[] => Array.from(tensors.get(key)?.data ?? []);

  test('come in their own order, whole, turned or in part', () => {
    expect(tensors.get('whole')?.shape).toEqual([4, 6]);
    expect(numbersOf('whole')).toEqual(eighths(...Array.from({ length: 24 }, (_, i) => i)));
    expect(tensors.get('turned')?.shape).toEqual([6, 4]);
    expect(numbersOf('turned').slice(0, 5)).toEqual(eighths(0, 6, 12, 18, 1));
    expect(tensors.get('part')?.shape).toEqual([2, 3]);
    expect(numbersOf('part')).toEqual(eighths(8, 9, 10, 14, 15, 16));
  });

  test('come as float32, whatever they were', () => {
    expect(numbersOf('half')).toEqual([1, -0.5, 65504]);
    expect(numbersOf('brain').slice(0, 2)).toEqual([1, -2.5]);
    expect(numbersOf('brain')[2]).toBeCloseTo(3e38, -36);
    expect(numbersOf('parameter')).toEqual([1.5, 2.5]);
    expect(tensors.get('scalar')?.shape).toEqual([]);
    expect(numbersOf('scalar')).toEqual([0.25]);
  });

  test('are weights: whole numbers are left out', () => {
    expect(tensors.has('steps')).toBe(false);
  });
});

describe('a PyTorch file that is no list of arrays', () => {
  test.each([
    ['program.bin', 'it wants to run __builtin__.print'],
    ['module.bin', 'it wants to run torch.nn.modules.linear.Linear'],
    ['pickle.bin', 'it is no file of PyTorch'],
  ])('%s is refused, with the way to get one that can be read', (name, why) => {
    expect(() => parseTorchArchive(file(name))).toThrow(why);
    expect(() => parseTorchArchive(file(name))).toThrow('save_pretrained');
  });

  test('is refused where it is cut off anywhere', () => {
    for (const name of ['zip.bin', 'old.bin']) {
      const whole = file(name);
      for (let length = 0; length < whole.length; length += 7) {
        expect(() => parseTorchArchive(whole.subarray(0, length)), `${name} ${length}`).toThrow(
          'Not a PyTorch file of weights alone',
        );
      }
    }
  });

  test('is read or refused in a sentence, whatever byte of it is wrong', () => {
    for (const name of ['zip.bin', 'old.bin']) {
      const whole = file(name);
      for (let place = 0; place < whole.length; place++) {
        const damaged = Uint8Array.from(whole);
        damaged[place] = 0xff - (damaged[place] as number);
        try {
          for (const { data, shape } of parseTorchArchive(damaged).values()) {
            expect(data.length).toBe(shape.reduce((a, b) => a * b, 1));
          }
        } catch (error) {
          expect((error as Error).message, `${name} ${place}`).toContain('Not a PyTorch file of weights alone');
        }
      }
    }
  });
});
