/** One field of a message: a number, or bytes (a text, a message within). */
export interface ProtobufField {
  readonly number: number;
  /** Of a varint or of 32 bits as an unsigned number; of bytes 0. */
  readonly value: number;
  readonly bytes: Uint8Array;
}

const EMPTY = new Uint8Array(0);

/**
 * The fields of a message of protocol buffers, in order. Numbers of 64 bits come as far as a double tells them.
 * @throws Error where the bytes are no such message
 */
export function* readProtobuf(bytes: Uint8Array): Generator<ProtobufField, void, undefined> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const take = (count: number): number => {
    if (!(count <= bytes.length - at)) throw new Error('a field is cut off');
    at += count;
    return at - count;
  };
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = bytes[take(1)] as number;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw new Error('a number has no end');
  };
  while (at < bytes.length) {
    const key = varint();
    const number = Math.floor(key / 8);
    switch (key % 8) {
      case 0:
        yield { number, value: varint(), bytes: EMPTY };
        break;
      case 1:
        yield { number, value: Number(view.getBigUint64(take(8), true)), bytes: EMPTY };
        break;
      case 2: {
        const length = varint();
        const from = take(length);
        yield { number, value: 0, bytes: bytes.subarray(from, from + length) };
        break;
      }
      case 5:
        yield { number, value: view.getUint32(take(4), true), bytes: EMPTY };
        break;
      default:
        throw new Error(`field ${number} is of an unknown type`);
    }
  }
}
