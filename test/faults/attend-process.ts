import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';

/** Starts the built command line. */
export type Start = (
  args: readonly string[],
  options?: { cwd?: string; env?: Record<string, string> },
) => ChildProcessWithoutNullStreams;

/** A server that was started, and said where it is. */
export interface RunningServer {
  readonly origin: string;
  readonly token: string;
  /** What it said on stderr until now. */
  said(): string;
  /** Ends it, and waits for that. @returns its exit code, or the signal that ended it */
  end(signal: NodeJS.Signals): Promise<number | string | null>;
}

/** Starts `attend serve` over a data folder of its own. */
export async function startServe(
  start: Start,
  data: string,
  args: readonly string[] = [],
  env: Record<string, string> = {},
): Promise<RunningServer> {
  const child = start(['serve', '--port', '0', ...args], { env: { ...env, ATTEND_DATA: data } });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const ended = new Promise<number | string | null>((resolve) =>
    child.once('close', (code, signal) => resolve(signal ?? code)),
  );
  const address = await new Promise<string>((resolve, reject) => {
    child.stdout.setEncoding('utf8').once('data', resolve);
    void ended.then((code) => reject(new Error(`attend serve ended with ${code}: ${said}`)));
  });
  const { origin, searchParams } = new URL(address.trim());
  return {
    origin,
    token: searchParams.get('token') ?? '',
    said: () => said,
    end: (signal) => {
      child.kill(signal);
      return ended;
    },
  };
}

/** Asks a server as its page does. @returns the answer, and its status */
export async function ask(
  { origin, token }: { origin: string; token: string },
  path: string,
  body: string | Uint8Array<ArrayBuffer> = '{}',
  signal?: AbortSignal,
): Promise<{ status: number; value: Record<string, unknown> }> {
  const headers = { authorization: `Bearer ${token}` };
  const answer = await fetch(`${origin}${path}`, { method: 'POST', headers, body, ...(signal && { signal }) });
  return { status: answer.status, value: (await answer.json()) as Record<string, unknown> };
}

/** Resident bytes of a process and all that it started (Linux); 0 elsewhere. */
export async function memoryOf(pid: number): Promise<number> {
  try {
    const pages = Number((await readFile(`/proc/${pid}/statm`, 'utf8')).split(' ')[1]);
    let sum = pages * 4096;
    for (const thread of await readdir(`/proc/${pid}/task`)) {
      const children = await readFile(`/proc/${pid}/task/${thread}/children`, 'utf8');
      for (const child of children.split(' ').filter((id) => id !== '')) sum += await memoryOf(Number(child));
    }
    return sum;
  } catch {
    return 0;
  }
}
