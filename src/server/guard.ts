import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { AttendError } from '../contract/attend-error.ts';

/** In seconds. */
const COOKIE_LIFETIME = 90 * 24 * 3600;

/** In milliseconds. */
const TICKET_LIFETIME = 60_000;

/**
 * Who may ask. Everybody on this machine can reach a loopback port, and every web page can make a browser send
 * requests to it; so a request must know the token, name this server as its host, and come from no other page.
 */
export class Guard {
  readonly token: string;
  readonly #port: () => number;
  readonly #tickets = new Set<string>();

  /** @param port of the server, known once it listens */
  constructor(token: string, port: () => number) {
    this.token = token;
    this.#port = port;
  }

  /** Cookies know no ports: each server has a name of its own. */
  get cookieName(): string {
    return `attend-${this.#port()}`;
  }

  /**
   * The cookie that stands for the token: no script can read it, and no other site's page can make it be sent. It
   * outlives the browser, as the token outlives the server: a bookmark goes on.
   */
  get cookie(): string {
    return `${this.cookieName}=${this.token}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${COOKIE_LIFETIME}`;
  }

  /**
   * Host and Origin. A foreign name that resolves to this machine (DNS rebinding) does not get by, nor does a form
   * or script of another page.
   * @throws AttendError `forbidden`
   */
  checkSource({ headers, method }: IncomingMessage): void {
    const port = this.#port();
    const hosts = ['127.0.0.1', 'localhost', '[::1]'].map((name) => `${name}:${port}`);
    if (!hosts.includes(headers.host?.toLowerCase() ?? '')) {
      throw new AttendError('forbidden', `This server answers as 127.0.0.1:${port} only.`);
    }
    const { origin } = headers;
    if (origin !== undefined && !hosts.some((host) => origin === `http://${host}`)) {
      throw new AttendError('forbidden', 'Pages of other sites may not ask this server.');
    }
    const site = headers['sec-fetch-site'];
    // "none": the user typed or opened the address. A link from elsewhere may open a page, and nothing more.
    const isNavigation =
      method === 'GET' && headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document';
    if (typeof site === 'string' && !['same-origin', 'none'].includes(site) && !isNavigation) {
      throw new AttendError('forbidden', 'Pages of other sites may not ask this server.');
    }
  }

  /** @throws AttendError `unauthorized` without a token, `forbidden` with a wrong one */
  checkToken({ headers }: IncomingMessage): void {
    const bearer = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1];
    const sent = bearer ?? readCookie(headers.cookie ?? '', this.cookieName);
    if (sent === undefined) {
      throw new AttendError('unauthorized', 'Open the address that Attend printed, or send its token as Bearer.');
    }
    if (!this.isToken(sent))
      throw new AttendError('forbidden', 'The token is wrong. Open the address that Attend printed.');
  }

  /** A word that opens the page once, within a minute: for programs whose arguments others can read. */
  ticket(): string {
    const ticket = randomBytes(24).toString('base64url');
    this.#tickets.add(ticket);
    setTimeout(() => this.#tickets.delete(ticket), TICKET_LIFETIME).unref();
    return ticket;
  }

  /** Whether a word is a ticket that was not used yet; it is used then. */
  takeTicket(text: string): boolean {
    return this.#tickets.delete(text);
  }

  isToken(text: string): boolean {
    const digest = (value: string): Buffer => createHash('sha256').update(value).digest();
    return timingSafeEqual(digest(text), digest(this.token));
  }
}

function readCookie(header: string, name: string): string | undefined {
  for (const pair of header.split(';')) {
    const [key, ...value] = pair.split('=');
    if (key?.trim() === name) return value.join('=').trim();
  }
  return undefined;
}
