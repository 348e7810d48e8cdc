import { fromFloat16 } from '../float16.ts';

/** One array of a safetensors file. */
export interface SafeTensor {
  shape: number[];
  data: Float32Array;
}

const LENGTH_BYTES = 8;

/**
 * Reads a safetensors file: eight bytes with the length of a JSON header (little-endian), the header
 * ({ name: { dtype, shape, data_offsets } }), then the numbers. float32 ("F32") and float16 ("F16")
 * arrays are read, both as float32.
 *
 * @throws Error that says what is wrong with the file
 */
export function parseSafetensors(bytes: Uint8Array): Map<string, SafeTensor> {
  const fail = (what: string): never => {
    throw new Error(`Not a safetensors file: ${what}.`);
  };
  if (bytes.length < LENGTH_BYTES) fail(`it has only ${bytes.length} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerLength = Number(view.getBigUint64(0, true));
  const start = LENGTH_BYTES + headerLength;
  if (start > bytes.length) fail('it ends inside its header');
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder().decode(bytes.subarray(LENGTH_BYTES, start)));
  } catch {
    fail('its header is not JSON');
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header)) fail('its header is not an object');

  const tensors = new Map<string, SafeTensor>();
  for (const [name, entry] of Object.entries(header as Record<string, unknown>)) {
    if (name === '__metadata__') continue;
    if (typeof entry !== 'object' || entry === null) fail(`"${name}" is not described`);
    const { dtype, shape, data_offsets: offsets } = entry as Record<string, unknown>;
    if (dtype !== 'F32' && dtype !== 'F16') fail(`"${name}" is of type ${String(dtype)}; F32 and F16 can be read`);
    if (!isSizes(shape)) return fail(`"${name}" has no proper shape`);
    if (!isSizes(offsets) || offsets.length !== 2) return fail(`"${name}" has no proper offsets`);
    const [from, to] = offsets as [number, number];
    const count = shape.reduce((a, b) => a * b, 1);
    const width = dtype === 'F32' ? 4 : 2;
    if (to - from !== count * width) {
      fail(`"${name}" has ${to - from} bytes where its shape [${shape.join(', ')}] needs ${count * width}`);
    }
    if (start + to > bytes.length) fail(`it ends inside "${name}"`);
    const data = new Float32Array(count);
    for (let i = 0; i < count; i++) {
      const at = start + from + i * width;
      data[i] = dtype === 'F32' ? view.getFloat32(at, true) : fromFloat16(view.getUint16(at, true));
    }
    tensors.set(name, { shape, data });
  }
  return tensors;
}

const isSizes = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((size) => Number.isInteger(size) && size >= 0);
