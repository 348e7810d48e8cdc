import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const python = (code: string, file: string): Promise<{ stdout: string }> =>
  promisify(execFile)('python3', ['-c', `import os, sys; ${code}`, file]);

/** Gives a file an extended attribute, by Python: Node has no means. @returns whether that can be done here */
export async function tag(file: string): Promise<boolean> {
  if (process.platform !== 'linux') return false;
  return python('os.setxattr(sys.argv[1], "user.note", b"kept")', file).then(
    () => true,
    () => false,
  );
}

/** Whether a file has the attribute that `tag` gives. */
export async function isTagged(file: string): Promise<boolean> {
  return (await python('print("user.note" in os.listxattr(sys.argv[1]))', file)).stdout.trim() === 'True';
}
