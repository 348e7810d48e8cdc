import { describe, expect, test } from 'vitest';
import { parseSafetensors } from '../../../src/engine/encoder/safetensors.ts';
import { readBytes } from './toy-encoder.ts';

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

  const entry = { dtype: 'F32', shape: [2], data_offsets: [0, 8] };
  const cases: [name: string, bytes: Uint8Array, message: string][] = [
    ['too few bytes', new Uint8Array(3), 'it has only 3 bytes'],
    ['a cut header', file({ a: entry }).subarray(0, 20), 'it ends inside its header'],
    ['a header that is not JSON', file('{"a"'), 'its header is not JSON'],
    ['a header that is a list', file([]), 'its header is not an object'],
    ['another number type', file({ a: { ...entry, dtype: 'I64' } }), '"a" is of type I64'],
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
