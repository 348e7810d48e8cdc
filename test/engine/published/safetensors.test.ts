import { describe, expect, test } from 'vitest';
import { parseSafetensors } from '../../../src/engine/published/safetensors.ts';
import { readBytes } from '../encoder/toy-encoder.ts';

/** A file with this header and these bytes after it. */
function file(header: unknown, body = new Uint8Array(0)): Uint8Array {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + json.length + body.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  bytes.set(body, 8 + json.length);
  return bytes;
}

describe('parseSafetensors', () => {
  test("reads a file of Hugging Face's writer", () => {
    const tensors = parseSafetensors(readBytes('toy/model.safetensors'));
    expect(tensors.size).toBe(14);
    expect(tensors.get('block.depthwise.w')?.shape).toEqual([4, 1, 3, 3]);
    expect(tensors.get('Logits.b')?.data).toHaveLength(6);
  });

  test('reads float32 and float16', () => {
    const body = new Uint8Array(8);
    const view = new DataView(body.buffer);
    view.setFloat32(0, -1.25, true);
    view.setUint16(4, 0x3c00, true);
    view.setUint16(6, 0xc400, true);
    const tensors = parseSafetensors(
      file(
        {
          __metadata__: { from: 'here' },
          a: { dtype: 'F32', shape: [], data_offsets: [0, 4] },
          b: { dtype: 'F16', shape: [2], data_offsets: [4, 8] },
        },
        body,
      ),
    );
    expect([...(tensors.get('a')?.data ?? [])]).toEqual([-1.25]);
    expect([...(tensors.get('b')?.data ?? [])]).toEqual([1, -4]);
    expect(tensors.size).toBe(2);
  });

  test('reads bfloat16, and leaves whole numbers out', () => {
    const body = new Uint8Array(12);
    const view = new DataView(body.buffer);
    view.setUint16(0, 0x3fc0, true);
    view.setUint16(2, 0xc080, true);
    const tensors = parseSafetensors(
      file(
        {
          places: { dtype: 'I64', shape: [1], data_offsets: [4, 12] },
          a: { dtype: 'BF16', shape: [2], data_offsets: [0, 4] },
        },
        body,
      ),
    );
    expect([...(tensors.get('a')?.data ?? [])]).toEqual([1.5, -4]);
    expect([...tensors.keys()]).toEqual(['a']);
  });

  const entry = { dtype: 'F32', shape: [2], data_offsets: [0, 8] };
  const cases: [name: string, bytes: Uint8Array, message: string][] = [
    ['too few bytes', new Uint8Array(3), 'it has only 3 bytes'],
    ['a cut header', file({ a: entry }).subarray(0, 20), 'it ends inside its header'],
    ['a header that is not JSON', file('{"a"'), 'its header is not JSON'],
    ['a header that is a list', file([]), 'its header is not an object'],
    ['another number type', file({ a: { ...entry, dtype: 'F8_E4M3' } }), '"a" is of type F8_E4M3'],
    ['the type of all objects', file({ a: { ...entry, dtype: 'constructor' } }), '"a" is of type constructor'],
    ['a size beyond all numbers', file({ a: { ...entry, shape: [2 ** 53, 2] } }), '"a" has no proper shape'],
    ['sizes whose product is beyond', file({ a: { ...entry, shape: [2 ** 50, 2 ** 50] } }), 'where its shape'],
    ['offsets that run backwards', file({ a: { ...entry, shape: [0], data_offsets: [8, 0] } }), 'where its shape'],
    [
      'arrays that overlap',
      file({ a: entry, b: { ...entry, data_offsets: [4, 12] } }, new Uint8Array(12)),
      '"b" overlaps the array before it',
    ],
    [
      'a gap',
      file({ a: entry, b: { ...entry, data_offsets: [12, 20] } }, new Uint8Array(20)),
      'a gap of 4 bytes before "b"',
    ],
    ['bytes of no array', file({ a: entry }, new Uint8Array(9)), '1 bytes at its end belong to no array'],
    ['a header longer than a file', new Uint8Array(16).fill(0xff), 'it ends inside its header'],
    ['a negative size', file({ a: { ...entry, shape: [-2] } }), '"a" has no proper shape'],
    ['an entry that is no object', file({ a: null }), '"a" is not described'],
    ['one offset', file({ a: { ...entry, data_offsets: [0] } }), '"a" has no proper offsets'],
    ['offsets that do not fit', file({ a: { ...entry, shape: [3] } }), 'where its shape [3] needs 12'],
    ['cut numbers', file({ a: entry }, new Uint8Array(7)), 'it ends inside "a"'],
  ];
  test.each(cases)('refuses %s', (_, bytes, message) => {
    expect(() => parseSafetensors(bytes)).toThrow(message);
  });
});
