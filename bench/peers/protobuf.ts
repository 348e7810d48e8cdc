/** A field of a protobuf message: its number and its value. */
export type Field = Uint8Array;

/** A message is its fields, one after the other. */
export const message = (...fields: readonly Field[]): Uint8Array => Buffer.concat(fields);

/** Fields with wire type 2: text, bytes and messages. */
export function bytes(number: number, value: string | Uint8Array): Field {
  const content = typeof value === 'string' ? Buffer.from(value) : value;
  return Buffer.concat([varint(number * 8 + 2), varint(content.length), content]);
}

/** A whole number, which may be negative (int64). */
export const integer = (number: number, value: number): Field => Buffer.concat([varint(number * 8), varint(value)]);

/** Several whole numbers, packed. */
export const integers = (number: number, values: readonly number[]): Field =>
  bytes(number, Buffer.concat(values.map(varint)));

/** Seven bits a byte, the lowest first; a negative number as its 64-bit two's complement. */
function varint(value: number): Uint8Array {
  let left = BigInt.asUintN(64, BigInt(value));
  const result: number[] = [];
  do {
    const low = Number(left & 127n);
    left >>= 7n;
    result.push(left > 0n ? low + 128 : low);
  } while (left > 0n);
  return Uint8Array.from(result);
}
