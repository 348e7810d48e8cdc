/**
 * Arrays as a .safetensors file (huggingface.co/docs/safetensors): the length of the header, the header as JSON, the
 * numbers as float32 without gaps.
 */
export function safetensorsBytes(
  weights: Iterable<readonly [string, { shape: readonly number[]; data: Float32Array }]>,
): Uint8Array {
  const list = [...weights];
  const header: Record<string, object> = { __metadata__: { format: 'pt' } };
  let offset = 0;
  for (const [name, { data, shape }] of list) {
    header[name] = { dtype: 'F32', shape, data_offsets: [offset, offset + data.byteLength] };
    offset += data.byteLength;
  }
  // Spaces behind the header let the numbers begin at a multiple of eight.
  const text = JSON.stringify(header);
  const json = new TextEncoder().encode(text.padEnd(Math.ceil(text.length / 8) * 8));
  const bytes = new Uint8Array(8 + json.length + offset);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  let place = 8 + json.length;
  for (const [, { data }] of list) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), place);
    place += data.byteLength;
  }
  return bytes;
}
