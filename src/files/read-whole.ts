import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

/**
 * Reads a file in one piece: Node's own `readFile` comes back to the thread that asked for every half megabyte, which of a
 * large model is a part of every start. A pipe, for whose other end it would wait for ever, is as an empty file. @throws the system's error
 */
export async function readWhole(path: string): Promise<Buffer<ArrayBuffer>> {
  // Windows has no pipes among its files, and no such flag.
  const handle = await open(path, constants.O_RDONLY | ((constants as { O_NONBLOCK?: number }).O_NONBLOCK ?? 0));
  try {
    const { size } = await handle.stat();
    const bytes = Buffer.allocUnsafeSlow(size);
    let length = 0;
    while (length < size) {
      const { bytesRead } = await handle.read(bytes, length, size - length, length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return bytes.subarray(0, length);
  } finally {
    await handle.close();
  }
}
