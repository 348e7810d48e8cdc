const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/** The largest finite number of IEEE 754 half precision. */
export const MAX_FLOAT16 = 65504;

/** Half-precision bits of a number, rounded to nearest, ties to even; out of range becomes infinity. */
export function toFloat16(value: number): number {
  float[0] = value;
  const word = bits[0] ?? 0;
  const sign = (word >>> 16) & 0x8000;
  const exponent = ((word >>> 23) & 0xff) - 112;
  const fraction = word & 0x7fffff;
  if (exponent === 143) return sign | 0x7c00 | (fraction ? 0x200 : 0);
  if (exponent >= 31) return sign | 0x7c00;
  if (exponent >= 1) return sign + (exponent << 10) + round(fraction, 13);
  // Below 2^-14 the leading one is written out; below 2^-25 nothing is left.
  return exponent < -10 ? sign : sign + round(fraction | 0x800000, 14 - exponent);
}

/** The number of half-precision bits: 1 sign bit, 5 exponent bits, 10 fraction bits. */
export function fromFloat16(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction ? NaN : sign * Infinity;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** The numbers of many halves: nearly all of them by moving their bits. */
export function fromFloat16s(halves: Uint16Array): Float32Array {
  const numbers = new Float32Array(halves.length);
  const words = new Uint32Array(numbers.buffer);
  for (let i = 0; i < halves.length; i++) {
    const half = halves[i] as number;
    const exponent = half & 0x7c00;
    // Below 2^-14, and where it is no finite number, the exponent means something else.
    if (exponent === 0 || exponent === 0x7c00) numbers[i] = fromFloat16(half);
    else words[i] = ((half & 0x8000) << 16) | (((half & 0x7fff) << 13) + (112 << 23));
  }
  return numbers;
}

/** value / 2^shift, rounded to nearest, ties to even. A carry runs into the exponent, as it should. */
function round(value: number, shift: number): number {
  const quotient = value >>> shift;
  const rest = value & ((1 << shift) - 1);
  const half = 1 << (shift - 1);
  return rest > half || (rest === half && quotient & 1) ? quotient + 1 : quotient;
}
