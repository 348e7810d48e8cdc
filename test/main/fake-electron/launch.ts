import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** What the app has told the fake Electron (see electron.mjs). */
export interface Told {
  schemes: { scheme: string; privileges: Record<string, boolean> }[];
  lateSchemes: boolean;
  lock: unknown;
  paths: Record<string, string>;
  windows: { options: Record<string, unknown>; loaded: string | null; calls: string[] }[];
  menu: { label: string; items: string[] }[];
  recentDocuments: string[];
  errors: { title: string; content: string }[];
  outside: string[];
  shown: string[];
  quits: number;
}

interface Answered {
  status: number;
  headers: Record<string, string>;
  body: Buffer;
}

/** The built main process, in a Node of its own, with the fake in Electron's place. */
export class FakeApp {
  readonly #child: ReturnType<typeof fork>;
  readonly #waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  #stderr = '';
  #told: Told | undefined;
  #nextId = 1;
  /** How it ended, and all that it had told until then. */
  readonly ended: Promise<{ code: number | null; told: Told | undefined; stderr: string }>;

  /**
   * @param main the built script
   * @param args as on a command line behind it
   */
  constructor(main: string, args: readonly string[], env: Record<string, string>) {
    const register = new URL('./register.mjs', import.meta.url).href;
    this.#child = fork(fileURLToPath(new URL('./entry.mjs', import.meta.url)), [main, ...args], {
      cwd: fileURLToPath(new URL('../../..', import.meta.url)),
      env: { ...process.env, ...env },
      execArgv: ['--import', register],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#child.stderr!.setEncoding('utf8').on('data', (text: string) => (this.#stderr += text));
    this.#child.on('message', (message: { id?: number; value?: unknown; error?: string; told?: Told }) => {
      if (message.told) this.#told = message.told;
      const waiting = message.id === undefined ? undefined : this.#waiting.get(message.id);
      if (!waiting) return;
      this.#waiting.delete(message.id!);
      if (message.error === undefined) waiting.resolve(message.value);
      else waiting.reject(new Error(message.error));
    });
    this.ended = new Promise((resolve) => {
      this.#child.once('close', (code) => {
        for (const { reject } of this.#waiting.values()) reject(this.#over());
        resolve({ code, told: this.#told, stderr: this.#stderr });
      });
    });
  }

  /** Lets the fake do something, or asks it. */
  do<Value = unknown>(command: string, ...parameters: unknown[]): Promise<Value> {
    const id = this.#nextId++;
    return new Promise<Value>((resolve, reject) => {
      if (!this.#child.connected) {
        reject(this.#over());
        return;
      }
      this.#waiting.set(id, { resolve: resolve as (value: unknown) => void, reject });
      // That it ends before it has read this is heard by its end.
      this.#child.send({ id, command, parameters }, () => undefined);
    });
  }

  told(): Promise<Told> {
    return this.do<Told>('told');
  }

  async fetch(address: string): Promise<Answered> {
    const answer = await this.do<Omit<Answered, 'body'> & { body: string }>('fetch', address);
    return { ...answer, body: Buffer.from(answer.body, 'base64') };
  }

  #over(): Error {
    const said = this.#told?.errors.map(({ content }) => content) ?? [];
    return new Error(['The app has ended.', ...said, this.#stderr].join('\n'));
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }
}
