import type * as Crypto from 'node:crypto';
import { timingSafeEqual } from 'node:crypto';
import { IncomingMessage, type IncomingHttpHeaders } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, it, vi } from 'vitest';
import { Guard } from '../../src/server/guard.ts';

vi.mock('node:crypto', async (original) => {
  const crypto = await original<typeof Crypto>();
  return { ...crypto, timingSafeEqual: vi.fn(crypto.timingSafeEqual) };
});

const TOKEN = 'Abcdefghijklmnopqrstuvwxyz012345';
const guard = new Guard(TOKEN, () => 4000);
function request(headers: IncomingHttpHeaders): IncomingMessage {
  const message = new IncomingMessage(new Socket());
  message.method = 'GET';
  message.headers = { host: '127.0.0.1:4000', ...headers };
  return message;
}

describe('the token', () => {
  it.each([
    ['of the same length', TOKEN.split('').reverse().join('')],
    ['with another last letter', `${TOKEN.slice(0, -1)}6`],
    ['with another first letter', `a${TOKEN.slice(1)}`],
    ['in another case', TOKEN.toUpperCase()],
    ['too short by one', TOKEN.slice(0, -1)],
    ['too long by one', `${TOKEN}6`],
    ['twice', TOKEN + TOKEN],
    ['of nothing', ''],
  ])('is not one %s', (_, text) => {
    expect(guard.isToken(text)).toBe(false);
    const cookie = `attend-4000=${text}`;
    expect(() => guard.checkToken(request({ cookie }))).toThrow(expect.objectContaining({ code: 'forbidden' }));
  });

  it('opens as Bearer and as cookie', () => {
    expect(guard.isToken(TOKEN)).toBe(true);
    for (const headers of [
      { authorization: `Bearer ${TOKEN}` },
      { authorization: `bearer  ${TOKEN}` },
      { cookie: `attend-4000=${TOKEN}` },
      { cookie: `a=b;  attend-4000 = ${TOKEN} ;c=d` },
    ]) {
      expect(() => guard.checkToken(request(headers))).not.toThrow();
    }
  });

  it('as Bearer counts before the cookie: a wrong one is not made good by the right cookie', () => {
    const headers = { authorization: 'Bearer wrong', cookie: `attend-4000=${TOKEN}` };
    expect(() => guard.checkToken(request(headers))).toThrow(expect.objectContaining({ code: 'forbidden' }));
  });

  it('is compared in a time that tells nothing of it, neither its letters nor its length', () => {
    const compare = vi.mocked(timingSafeEqual);
    for (const text of [TOKEN, 'x', `${TOKEN.slice(0, -1)}6`, TOKEN.repeat(9)]) {
      compare.mockClear();
      guard.isToken(text);
      expect(compare).toHaveBeenCalledOnce();
      const [one, other] = compare.mock.calls[0]!;
      expect([one.byteLength, other.byteLength]).toEqual([32, 32]);
    }
    // Its word counts, and nothing else.
    compare.mockReturnValueOnce(false);
    expect(guard.isToken(TOKEN)).toBe(false);
    compare.mockReturnValueOnce(true);
    expect(guard.isToken('wrong')).toBe(true);
  });
});

describe('a ticket', () => {
  it('opens once, and no other word does', () => {
    const ticket = guard.ticket();
    expect(ticket).not.toBe(guard.ticket());
    expect(guard.takeTicket('')).toBe(false);
    expect(guard.takeTicket(`${ticket}x`)).toBe(false);
    expect(guard.takeTicket(ticket)).toBe(true);
    expect(guard.takeTicket(ticket)).toBe(false);
    expect(guard.isToken(ticket)).toBe(false);
  });

  it('is of no use after a minute', () => {
    vi.useFakeTimers();
    const ticket = guard.ticket();
    vi.advanceTimersByTime(61_000);
    expect(guard.takeTicket(ticket)).toBe(false);
    vi.useRealTimers();
  });
});

describe('where a request comes from', () => {
  const navigation = (site: string, dest: string): IncomingHttpHeaders => ({
    'sec-fetch-site': site,
    'sec-fetch-mode': 'navigate',
    'sec-fetch-dest': dest,
  });

  it.each<[string, IncomingHttpHeaders]>([
    ['a link of another site that opens the page', navigation('cross-site', 'document')],
    ['a link of another port of this machine', navigation('same-site', 'document')],
    ['an address that somebody typed', navigation('none', 'document')],
    ['a script of its own', { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' }],
    ['a program that says nothing of it', {}],
    ['the address of version 6', { host: '[::1]:4000' }],
    ['a host in capitals', { host: 'LOCALHOST:4000' }],
  ])('may be %s', (_, headers) => {
    expect(() => guard.checkSource(request(headers))).not.toThrow();
  });

  it.each<[string, IncomingHttpHeaders]>([
    ['a frame of another site', navigation('cross-site', 'iframe')],
    ['an embedded object of another site', navigation('cross-site', 'object')],
    ['a frame of another port', navigation('same-site', 'iframe')],
    [
      'a script that calls itself a document',
      { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'document' },
    ],
    ['no host', { host: undefined }],
    ['this host without its port', { host: '127.0.0.1' }],
    ['this host by https', { origin: 'https://127.0.0.1:4000' }],
    ['a host that ends like this one', { origin: 'http://evil.127.0.0.1:4000' }],
    ['a host that begins like this one', { origin: 'http://127.0.0.1:40001' }],
  ])('may not be %s', (_, headers) => {
    expect(() => guard.checkSource(request(headers))).toThrow(expect.objectContaining({ code: 'forbidden' }));
  });

  it('may be a link of another site, and no form of another site', () => {
    const form = request(navigation('cross-site', 'document'));
    form.method = 'POST';
    expect(() => guard.checkSource(form)).toThrow(expect.objectContaining({ code: 'forbidden' }));
  });

  it.each<[string, IncomingHttpHeaders]>([['a style sheet of another site', navigation('cross-site', 'style')]])(
    'may not be %s, navigation or not',
    (_, headers) => {
      expect(() => guard.checkSource(request(headers))).toThrow(expect.objectContaining({ code: 'forbidden' }));
    },
  );
});
