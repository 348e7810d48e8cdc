import { setTimeout as pauseFor } from 'node:timers/promises';
import { AttendError } from '../../contract/attend-error.ts';

/** How often a question is put again to a Hub that is busy or cannot be reached. */
const TRIES = 5;
/** Nobody is kept waiting longer by a Hub that wants to be asked later, in seconds. */
const LONGEST_PAUSE = 60;
/** A Hub that sends nothing for so long has gone, in milliseconds. */
const SILENCE = 60_000;

const USUAL_ENDPOINT = 'https://huggingface.co';

/** What of the connection a test replaces. */
export interface HubConnectionOptions {
  environment?: NodeJS.ProcessEnv;
  /** Waits so many milliseconds. @throws the signal's reason when aborted */
  pause?: (milliseconds: number, signal: AbortSignal | undefined) => Promise<void>;
  /** Milliseconds without a byte after which a connection counts as cut. */
  silence?: number;
  /** Asks, in place of `fetch` through the proxy. */
  ask?: typeof fetch;
}

/**
 * The way to the Hugging Face Hub, as its own tools have it: the Hub of HF_ENDPOINT, with the token of HF_TOKEN, through
 * the proxy of HTTPS_PROXY and HTTP_PROXY unless NO_PROXY has the host. Nothing is asked before `fetch` is called.
 */
export class HubConnection {
  /** Without a slash at its end. */
  readonly endpoint: string;
  readonly token: string | undefined;
  readonly pause: (milliseconds: number, signal: AbortSignal | undefined) => Promise<void>;
  readonly #environment: NodeJS.ProcessEnv;
  readonly #silence: number;
  #fetch: Promise<typeof fetch> | undefined;

  /** @throws AttendError `no-hub` where HF_ENDPOINT is no address, or HF_HUB_OFFLINE forbids to ask */
  constructor({ ask, environment = process.env, pause = wait, silence = SILENCE }: HubConnectionOptions = {}) {
    const { HF_ENDPOINT, HF_HUB_OFFLINE, HF_TOKEN } = environment;
    if (HF_HUB_OFFLINE && !['0', 'false', 'no', 'off'].includes(HF_HUB_OFFLINE.toLowerCase())) {
      throw new AttendError(
        'no-hub',
        'HF_HUB_OFFLINE is set, so the Hub is not asked. Add the model from a folder, or unset it.',
      );
    }
    this.endpoint = endpointOf(stated(HF_ENDPOINT) ?? USUAL_ENDPOINT);
    this.token = stated(HF_TOKEN);
    this.#silence = silence;
    this.pause = pause;
    if (ask) this.#fetch = Promise.resolve(ask);
    this.#environment = environment;
  }

  /** The host, as messages name it. */
  get host(): string {
    return new URL(this.endpoint).host;
  }

  /**
   * `fetch` through the proxy; puts the question again while the Hub is busy (429, 5xx) or cannot be reached, with growing
   * pauses or those that the Hub asks for. Another host is not told the token: not where a redirection leads to
   * it (`fetch` sees to that), nor where a list of the Hub's goes on there.
   * @throws AttendError `no-hub` with a sentence where the Hub cannot be reached, leads in circles, or wants to be asked much later
   */
  readonly fetch: typeof fetch = async (input, init) => {
    const ask = await (this.#fetch ??= proxied(this.#environment, this.#silence));
    const signal = init?.signal ?? undefined;
    for (let tries = 1; ; tries++) {
      signal?.throwIfAborted();
      let problem: unknown;
      const response = await ask(input, this.#ownToken(input, init)).catch((error: unknown) => {
        signal?.throwIfAborted();
        problem = error;
      });
      if (response && !isBusy(response.status)) return response;
      if (isOfCertificate(problem)) {
        throw new AttendError(
          'no-hub',
          `${this.host} has a certificate that this computer does not trust: ${reasonOf(problem)}. ` +
            'Where a proxy of your network signs it, NODE_EXTRA_CA_CERTS names the certificate of who does.',
          { cause: problem },
        );
      }
      if (isOfRedirections(problem)) {
        throw new AttendError(
          'no-hub',
          `${this.host} leads from one address to the next without an end. Is HF_ENDPOINT right?`,
          {
            cause: problem,
          },
        );
      }
      const wished = response && secondsOf(response.headers.get('retry-after'));
      await response?.body?.cancel();
      if (wished !== undefined && wished > LONGEST_PAUSE) {
        throw new AttendError(
          'no-hub',
          `${this.host} is busy and wants to be asked again in ${Math.ceil(wished)} s. Try again then.`,
        );
      }
      if (tries === TRIES) {
        throw new AttendError(
          'no-hub',
          response
            ? `${this.host} is busy: it answered ${response.status} ${TRIES} times. Try again later.`
            : `${this.host} cannot be reached: ${reasonOf(problem)}. Is there a connection to the internet, and perhaps a proxy (HTTPS_PROXY)?`,
          { cause: problem },
        );
      }
      await this.pause((wished ?? 2 ** (tries - 1)) * 1000, signal);
    }
  };

  #ownToken(input: Parameters<typeof fetch>[0], init: RequestInit | undefined): RequestInit | undefined {
    const { href } = input instanceof Request ? new URL(input.url) : new URL(input);
    if (new URL(href).origin === new URL(this.endpoint).origin) return init;
    const headers = new Headers(init?.headers);
    headers.delete('authorization');
    // As plain values: whoever fetches has a class of headers of its own.
    return { ...init, headers: Object.fromEntries(headers) };
  }
}

/** What is empty counts as not set. */
function stated(value: string | undefined): string | undefined {
  return value === '' ? undefined : value;
}

function endpointOf(address: string): string {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (!url || !['http:', 'https:'].includes(url.protocol)) {
    throw new AttendError('no-hub', `HF_ENDPOINT is "${address}", which is no address of a Hub (https://…).`);
  }
  return url.href.replace(/\/+$/, '');
}

/** Node's own `fetch` of version 20 knows no proxies. Loaded when it is needed: few runs ask the Hub. */
async function proxied(environment: NodeJS.ProcessEnv, silence: number): Promise<typeof fetch> {
  const { EnvHttpProxyAgent, fetch: ask } = await import('undici');
  const of = (name: string): string | undefined => stated(environment[name.toLowerCase()]) ?? stated(environment[name]);
  const [all, http, https, no] = ['ALL_PROXY', 'HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY'].map(of);
  const dispatcher = new EnvHttpProxyAgent({
    httpProxy: http ?? all ?? '',
    httpsProxy: https ?? http ?? all ?? '',
    noProxy: no ?? '',
    headersTimeout: silence,
    bodyTimeout: silence,
  });
  return ((input: string, init: object | undefined) => ask(input, { ...init, dispatcher })) as unknown as typeof fetch;
}

function isBusy(status: number): boolean {
  return status === 429 || status >= 500;
}

/** `Retry-After` in seconds; nothing where it is not there or says nothing. */
function secondsOf(header: string | null): number | undefined {
  if (header === null) return undefined;
  const seconds = /^\d+$/.test(header.trim()) ? Number(header) : (Date.parse(header) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, seconds) : undefined;
}

/** What lies behind "fetch failed". */
export function reasonOf(error: unknown): string {
  const { code, message } = innermost(error) as NodeJS.ErrnoException;
  return message === '' ? (code ?? String(error)) : message;
}

function innermost(error: unknown): unknown {
  let inner = error;
  while (inner instanceof Error && inner.cause instanceof Error) inner = inner.cause;
  return inner;
}

/** Whether a connection failed for its certificate: to ask again would not mend it. */
function isOfCertificate(error: unknown): boolean {
  const { code } = (innermost(error) ?? {}) as NodeJS.ErrnoException;
  return /^(CERT_|DEPTH_ZERO_SELF_SIGNED_CERT|ERR_TLS_CERT|SELF_SIGNED_CERT|UNABLE_TO_(GET|VERIFY))/.test(code ?? '');
}

/** Whether one address led to the next too often (fetch.spec.whatwg.org: 20 times): it would again. */
function isOfRedirections(error: unknown): boolean {
  return ((innermost(error) as Error | undefined)?.message ?? '').startsWith('redirect count exceeded');
}

async function wait(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  await pauseFor(milliseconds, undefined, signal ? { signal } : {}).catch(() => signal?.throwIfAborted());
}
