import { byteSource, type ByteSource } from './byte-source.ts';
import { readPickle, type Known, type PickleWorld, type Reference } from './pickle.ts';
import { lazily, READERS, type PublishedTensor } from './safetensors.ts';
import { readZipDirectory } from './zip-directory.ts';

/** What PyTorch wrote before its files were zip archives begins with this number, pickled. */
const OLD_MAGIC = '119547037146038801333356';

/** The kinds of arrays: how many bytes a number takes, and its type in safetensors' names where weights can be of it. */
const STORAGES: Readonly<Record<string, { width: number; dtype?: string }>> = {
  FloatStorage: { width: 4, dtype: 'F32' },
  HalfStorage: { width: 2, dtype: 'F16' },
  BFloat16Storage: { width: 2, dtype: 'BF16' },
  DoubleStorage: { width: 8 },
  LongStorage: { width: 8 },
  IntStorage: { width: 4 },
  ShortStorage: { width: 2 },
  CharStorage: { width: 1 },
  ByteStorage: { width: 1 },
  BoolStorage: { width: 1 },
};

/** A kind of array, as a pickle names it. */
class StorageKind {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

/** An array as a pickle describes it: numbers of a storage, from an offset on, with steps along each axis. */
class Described {
  readonly storage: unknown;
  readonly offset: unknown;
  readonly shape: unknown;
  readonly steps: unknown;
  constructor(storage: unknown, offset: unknown, shape: unknown, steps: unknown) {
    this.storage = storage;
    this.offset = offset;
    this.shape = shape;
    this.steps = steps;
  }
}

const WORLD: PickleWorld = {
  known: new Map<string, Known | object>([
    ['collections OrderedDict', () => new Map<unknown, unknown>()],
    [
      'torch._utils _rebuild_tensor_v2',
      (storage: unknown, offset: unknown, shape: unknown, steps: unknown) =>
        new Described(storage, offset, shape, steps),
    ],
    ['torch._utils _rebuild_parameter', (tensor: unknown) => tensor],
    ...Object.keys(STORAGES).map((name) => [`torch ${name}`, new StorageKind(name)] as const),
  ]),
};

/**
 * Reads a file of weights that PyTorch wrote (`pytorch_model.bin`): a zip archive of bare numbers and a pickle that lists
 * them, or the older form, a row of pickles before the numbers. This reader knows of arrays only. A pickle can name any
 * program for Python to run; here everything but the few names that arrays need is refused, and nothing is run.
 *
 * @throws Error that says what is wrong with the file, and how to get one that can be read
 */
export function parseTorchArchive(file: Uint8Array | ByteSource): Map<string, PublishedTensor> {
  const source = byteSource(file);
  try {
    const [first, second] = source.read(0, Math.min(2, source.length));
    return first === 0x50 && second === 0x4b ? readZip(source) : readRow(source);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Error(
      `Not a PyTorch file of weights alone: ${why}. Get the model's model.safetensors instead, or make it in Python: ` +
        'AutoModel.from_pretrained(FOLDER).save_pretrained(FOLDER).',
      { cause },
    );
  }
}

/** The list of a model's arrays has less: some hundred bytes for each. */
const LONGEST_LIST = 64 * 2 ** 20;

/** Numbers that lie in the file. */
interface Stored {
  readonly length: number;
  /** Bytes `from` to `to` of them. */
  read(from: number, to: number): Uint8Array;
}

const stored = (source: ByteSource, start: number, length: number): Stored => ({
  length,
  read: (from, to) => source.read(start + from, start + to),
});

/** Since PyTorch 1.6: NAME/data.pkl, and NAME/data/KEY for each storage. */
function readZip(source: ByteSource): Map<string, PublishedTensor> {
  const files = readZipDirectory(source);
  const name = [...files.keys()].find((one) => /^[^/]+\/data\.pkl$/.test(one));
  if (name === undefined) throw new Error('it is a zip archive without a list of arrays');
  const contentOf = (one: string): Uint8Array | undefined => {
    const place = files.get(one);
    if (place && place.to - place.from > LONGEST_LIST) throw new Error(`${one} in it is longer than that of any model`);
    return place && source.read(place.from, place.to);
  };
  const folder = name.slice(0, -'data.pkl'.length);
  const order = contentOf(`${folder}byteorder`);
  if (order && new TextDecoder().decode(order).trim() !== 'little') throw new Error('its numbers are big-endian');
  return arraysOf(readPickle(contentOf(name) as Uint8Array, WORLD).value, (key) => {
    const place = files.get(`${folder}data/${key}`);
    return place && stored(source, place.from, place.to - place.from);
  });
}

/** Before: a magic number, a version, facts of the machine, the list, the keys of the storages; then the storages. */
function readRow(source: ByteSource): Map<string, PublishedTensor> {
  const bytes = source.read(0, Math.min(source.length, LONGEST_LIST));
  let at = 0;
  const next = (): unknown => {
    const { value, end } = readPickle(bytes, WORLD, at);
    at = end;
    return value;
  };
  if (bytes[0] !== 0x80 || next() !== OLD_MAGIC) throw new Error('it is no file of PyTorch');
  next();
  next();
  const list = next();
  const keys = next();
  if (!Array.isArray(keys)) throw new Error('the list of its arrays is damaged');
  const widths = new Map<string, number>();
  for (const { storage } of described(list).values()) {
    const { key, kind } = storageOf(storage);
    widths.set(key, kind.width);
  }
  const storages = new Map<string, Stored>();
  for (const key of keys as unknown[]) {
    const width = typeof key === 'string' ? widths.get(key) : undefined;
    if (width === undefined || at + 8 > source.length) throw new Error('the list of its arrays is damaged');
    const count = source.read(at, at + 8);
    const size = Number(new DataView(count.buffer, count.byteOffset, 8).getBigUint64(0, true)) * width;
    at += 8;
    if (!(size <= source.length - at)) throw new Error('it is cut off');
    storages.set(key as string, stored(source, at, size));
    at += size;
  }
  return arraysOf(list, (key) => storages.get(key));
}

function described(list: unknown): Map<string, Described> {
  if (!(list instanceof Map)) throw new Error('it holds no list of arrays by name');
  const arrays = new Map<string, Described>();
  for (const [name, value] of list as Map<unknown, unknown>) {
    if (typeof name !== 'string') throw new Error('it holds an array without a name');
    if (!(value instanceof Described)) throw new Error(`"${name}" in it is no array`);
    arrays.set(name, value);
  }
  return arrays;
}

function storageOf(reference: unknown): { key: string; kind: { width: number; dtype?: string }; count: number } {
  const id = (reference as Partial<Reference> | null)?.id;
  const [what, kind, key, , count] = id ?? [];
  if (what !== 'storage' || !(kind instanceof StorageKind) || typeof key !== 'string' || typeof count !== 'number') {
    throw new Error('the list of its arrays is damaged');
  }
  return { key, kind: STORAGES[kind.name] as { width: number; dtype?: string }, count };
}

/** The arrays that can be weights, by name. */
function arraysOf(list: unknown, storedAt: (key: string) => Stored | undefined): Map<string, PublishedTensor> {
  const tensors = new Map<string, PublishedTensor>();
  for (const [name, { offset, shape, steps, storage }] of described(list)) {
    const { key, kind, count } = storageOf(storage);
    const bytes = storedAt(key);
    if (bytes?.length !== count * kind.width) throw new Error(`the numbers of "${name}" are missing or cut off`);
    if (!isSizes(shape) || !isSizes(steps) || steps.length !== shape.length || !isSizes([offset])) {
      throw new Error(`"${name}" has no proper shape`);
    }
    const from = offset as number;
    const size = shape.reduce((a, b) => a * b, 1);
    const last =
      size === 0 ? from : shape.reduce((end, length, i) => end + (length - 1) * (steps[i] as number), from) + 1;
    if (!(last <= count) || !(size <= count || size === 0)) throw new Error(`"${name}" reaches beyond its numbers`);
    const read = kind.dtype === undefined ? undefined : READERS[kind.dtype];
    if (!read) continue;
    tensors.set(
      name,
      isDense(shape, steps)
        ? lazily(shape, () => read(bytes.read(from * kind.width, (from + size) * kind.width)))
        : lazily(shape, () => gathered(read(bytes.read(0, bytes.length)), from, shape, steps)),
    );
  }
  return tensors;
}

/** Whether an array's numbers follow each other in its own order. */
function isDense(shape: readonly number[], steps: readonly number[]): boolean {
  let step = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && steps[axis] !== step) return false;
    step *= shape[axis] as number;
  }
  return true;
}

/** The numbers of an array that lies otherwise: one that was turned, or is a part of another. */
function gathered(
  numbers: Float32Array,
  offset: number,
  shape: readonly number[],
  steps: readonly number[],
): Float32Array {
  const result = new Float32Array(shape.reduce((a, b) => a * b, 1));
  for (let i = 0; i < result.length; i++) {
    let [rest, place] = [i, offset];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const size = shape[axis] as number;
      place += (rest % size) * (steps[axis] as number);
      rest = Math.floor(rest / size);
    }
    result[i] = numbers[place] as number;
  }
  return result;
}

const isSizes = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
