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

  /** A file of the older form whose list of arrays is this pickle. */
  const listed = (list: readonly number[]): Uint8Array => {
    const whole = file('old.bin');
    const stops = [...whole].flatMap((byte, i) => (byte === 0x2e ? [i] : []));
    // The magic number and the version are pickles of their own; the facts of the machine may be any value.
    const head = whole.subarray(0, (stops[1] as number) + 1);
    return Uint8Array.from([...head, 0x80, 2, 0x4e, 0x2e, 0x80, 2, ...list, 0x2e, 0x80, 2, 0x5d, 0x2e]);
  };
  const text = (value: string): number[] => [...new TextEncoder().encode(value)];
  /** Lists of two of the list before, thirty times: as a text of a billion parts. */
  const bomb = [0x5d, ...Array.from({ length: 30 }, (_, i) => [0x71, i, 0x68, i, 0x86]).flat()];
  test.each([
    [
      'a program by GLOBAL',
      [0x63, ...text('os\nsystem\n'), 0x28, 0x58, 2, 0, 0, 0, ...text('ls'), 0x74, 0x52],
      'it wants to run os.system',
    ],
    [
      'a program by STACK_GLOBAL',
      [0x8c, 2, ...text('os'), 0x8c, 6, ...text('system'), 0x93],
      'it wants to run os.system',
    ],
    ['a program by INST', [0x28, 0x69, ...text('os\nsystem\n')], 'the operation 0x69'],
    ['an object by OBJ', [0x28, 0x6f], 'the operation 0x6f'],
    ['an object by NEWOBJ', [0x29, 0x29, 0x81], 'the operation 0x81'],
    ['a number of an extension', [0x82, 1], 'the operation 0x82'],
    ['a call of what is no function', [0x4e, 0x29, 0x52], 'the list of its arrays is damaged'],
    ['a name that is a bomb', [...bomb, 0x68, 29, 0x93], 'the list of its arrays is damaged'],
    ['an array that is a bomb', [0x7d, 0x58, 1, 0, 0, 0, ...text('a'), ...bomb, 0x73], '"a" in it is no array'],
    [
      'a list that holds itself',
      [0x7d, 0x71, 0, 0x58, 1, 0, 0, 0, ...text('a'), 0x68, 0, 0x73],
      '"a" in it is no array',
    ],
    ['a text of 4 GB', [0x58, 0xff, 0xff, 0xff, 0xff], 'cut off'],
    ['what was never remembered', [0x6a, 0xff, 0xff, 0xff, 0xff], 'the list of its arrays is damaged'],
    ['an empty stack', [0x30], 'the operation 0x30'],
  ])('with %s is refused', (_, list, why) => {
    expect(() => parseTorchArchive(listed(list))).toThrow(why);
  });

  test('with more arguments than any function takes is refused', () => {
    const many = Array.from({ length: 200_000 }, () => 0x4e);
    const call = [0x63, ...text('collections\nOrderedDict\n'), 0x28, ...many, 0x74, 0x52];
    expect(() => parseTorchArchive(listed(call))).toThrow('the list of its arrays is damaged');
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
