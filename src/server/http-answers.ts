import type { ServerResponse } from 'node:http';
import { PERMISSIONS_POLICY } from './page-files.ts';
import type { ErrorCode } from '../contract/constants/error-codes.ts';
import type { Failure } from '../contract/data/failure.ts';

/** What HTTP says to each error. */
export const STATUS: Readonly<Record<ErrorCode, number>> = {
  'bad-request': 400,
  'unknown-request': 404,
  'wrong-method': 405,
  'not-found': 404,
  'unknown-words': 422,
  'unknown-language': 422,
  'too-long': 422,
  'nothing-to-export': 422,
  'is-directory': 422,
  'not-permitted': 422,
  empty: 422,
  unsupported: 415,
  'too-large': 413,
  truncated: 422,
  unreadable: 422,
  'file-gone': 410,
  'no-captioner': 503,
  'no-translator': 503,
  'no-attention': 422,
  'no-hub': 502,
  'not-here': 403,
  'cannot-write': 507,
  unauthorized: 401,
  forbidden: 403,
  cancelled: 499,
  'connection-lost': 503,
  internal: 500,
};

/** On every answer: nothing is guessed, kept, framed or told to others, and no page gets at a device. */
export const SAFE_HEADERS: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'permissions-policy': PERMISSIONS_POLICY,
  'cache-control': 'no-store',
};

export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  send(response, status, 'application/json; charset=utf-8', `${JSON.stringify(value)}\n`);
}

export function sendFailure(response: ServerResponse, failure: Failure): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  if (failure.code === 'unauthorized') response.setHeader('www-authenticate', 'Bearer realm="Attend"');
  sendJson(response, STATUS[failure.code], { error: failure });
}

export function send(
  response: ServerResponse,
  status: number,
  contentType: string,
  body: string | Uint8Array,
  headers: Readonly<Record<string, string>> = {},
): void {
  const length = typeof body === 'string' ? Buffer.byteLength(body) : body.length;
  response.writeHead(status, { ...SAFE_HEADERS, 'content-type': contentType, 'content-length': length, ...headers });
  response.end(response.req.method === 'HEAD' ? undefined : body);
}
