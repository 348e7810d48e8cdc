/** Up to so many bytes are summed up at once: handing them to another thread copies them, which takes as long. */
const AT_ONCE = 2 ** 26;

/** The SHA-256 of some bytes, as 64 hexadecimal digits. */
export async function sha256(bytes: Uint8Array): Promise<string> {
  const node = bytes.length <= AT_ONCE ? nodeCrypto() : undefined;
  if (node) return node.createHash('sha256').update(bytes).digest('hex');
  // What is shared between threads is not taken everywhere.
  const own = bytes.buffer instanceof ArrayBuffer ? (bytes as Uint8Array<ArrayBuffer>) : new Uint8Array(bytes);
  const digest = await globalThis.crypto.subtle.digest('SHA-256', own);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** As much of Node's own as is used here. */
interface NodeCrypto {
  createHash(name: 'sha256'): { update(bytes: Uint8Array): { digest(encoding: 'hex'): string } };
}

/** Nothing in a page. */
function nodeCrypto(): NodeCrypto | undefined {
  const { process } = globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } };
  return process?.getBuiltinModule?.('node:crypto') as NodeCrypto | undefined;
}
