import { fromFloat16s } from '../float16.ts';
import { byteSource, type ByteSource } from './byte-source.ts';

/** One array of a file of weights. */
export interface PublishedTensor {
  readonly shape: readonly number[];
  /** Its numbers as float32, made from the file's bytes at each call: who needs them twice keeps them. */
  readonly data: Float32Array;
}

const LENGTH_BYTES = 8;
/** What the format's own library allows. */
const LONGEST_HEADER = 100_000_000;

/** How many bytes a number takes, by its type. */
const WIDTHS: Readonly<Record<string, number>> = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U64: 8,
  U32: 4,
  U16: 2,
  U8: 1,
  BOOL: 1,
};

/** Where an array lies in the file. */
interface Entry {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly from: number;
  readonly to: number;
}

/**
 * Reads a safetensors file: eight bytes with the length of a JSON header (little-endian), the header
 * ({ name: { dtype, shape, data_offsets } }), then the numbers, array behind array without gaps. float32 ("F32"), float16
 * ("F16") and bfloat16 ("BF16") arrays are read, all as float32; whole numbers and truth values, which are no weights,
 * are checked and left out.
 *
 * @param file in memory, or read in parts: the numbers when they are asked for
 * @throws Error that says what is wrong with the file
 */
export function parseSafetensors(file: Uint8Array | ByteSource): Map<string, PublishedTensor> {
  const source = byteSource(file);
  if (source.length < LENGTH_BYTES) fail(`it has only ${source.length} bytes`);
  const first = source.read(0, LENGTH_BYTES);
  const headerLength = Number(new DataView(first.buffer, first.byteOffset, LENGTH_BYTES).getBigUint64(0, true));
  const start = LENGTH_BYTES + headerLength;
  if (start > source.length || headerLength > LONGEST_HEADER) fail('it ends inside its header');
  const numbers = source.length - start;
  const entries = readHeader(source.read(LENGTH_BYTES, start)).sort((a, b) => a.from - b.from || a.to - b.to);
  let end = 0;
  for (const { name, from, to } of entries) {
    if (from < end) fail(`"${name}" overlaps the array before it`);
    if (from > end) fail(`there is a gap of ${from - end} bytes before "${name}"`);
    if (to > numbers) fail(`it ends inside "${name}"`);
    end = to;
  }
  if (end < numbers) fail(`${numbers - end} bytes at its end belong to no array`);
  const tensors = new Map<string, PublishedTensor>();
  for (const { name, dtype, shape, from, to } of entries) {
    const read = READERS[dtype];
    if (read)
      tensors.set(
        name,
        lazily(shape, () => read(source.read(start + from, start + to))),
      );
  }
  return tensors;
}

/** An array whose numbers are made when they are asked for. */
export function lazily(shape: readonly number[], read: () => Float32Array): PublishedTensor {
  return {
    shape,
    get data() {
      return read();
    },
  };
}

/** How the numbers of a type become float32, from bytes of their own or of a larger file. */
export const READERS: Readonly<Record<string, (bytes: Uint8Array) => Float32Array>> = {
  F32: (bytes) => new Float32Array(copied(bytes)),
  F16: (bytes) => fromFloat16s(new Uint16Array(copied(bytes))),
  // The upper half of a float32.
  BF16: (bytes) => {
    const halves = new Uint16Array(copied(bytes));
    const words = new Uint32Array(halves.length);
    for (let i = 0; i < halves.length; i++) words[i] = (halves[i] as number) << 16;
    return new Float32Array(words.buffer);
  },
};

/** The copy lies on an address that a typed array accepts. (Not `slice`: that of a Buffer is a view.) */
function copied(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}

function readHeader(bytes: Uint8Array): Entry[] {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    fail('its header is not JSON');
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header)) fail('its header is not an object');
  return Object.entries(header as Record<string, unknown>)
    .filter(([name]) => name !== '__metadata__')
    .map(([name, entry]) => {
      if (typeof entry !== 'object' || entry === null) fail(`"${name}" is not described`);
      const { dtype, shape, data_offsets: offsets } = entry as Record<string, unknown>;
      const width = typeof dtype === 'string' && Object.hasOwn(WIDTHS, dtype) ? WIDTHS[dtype] : undefined;
      if (width === undefined) return fail(`"${name}" is of type ${String(dtype)}; F32, F16 and BF16 can be read`);
      if (!isSizes(shape)) return fail(`"${name}" has no proper shape`);
      if (!isSizes(offsets) || offsets.length !== 2) return fail(`"${name}" has no proper offsets`);
      const [from, to] = offsets as [number, number];
      const needed = shape.reduce((a, b) => a * b, width);
      if (to - from !== needed) {
        return fail(`"${name}" has ${to - from} bytes where its shape [${shape.join(', ')}] needs ${needed}`);
      }
      return { name, dtype: dtype as string, shape, from, to };
    });
}

function fail(what: string): never {
  throw new Error(`Not a safetensors file: ${what}.`);
}

const isSizes = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
