import type { z } from 'zod';
import { AttendError } from '../contract/attend-error.ts';
import { isRequestName, REQUESTS, type Output, type Progress, type RequestName } from '../contract/requests.ts';
import { cancelled, toAttendError } from './describe-failure.ts';

/** What answers a request: its input is checked already. */
type Handler<Name extends RequestName> = (
  input: z.output<(typeof REQUESTS)[Name]['input']>,
  control: { signal: AbortSignal; report: (progress: Progress<Name>) => void },
) => Promise<Output<Name>> | Output<Name>;

export type Handlers = { readonly [Name in RequestName]: Handler<Name> };

export interface DispatchControl {
  signal?: AbortSignal | undefined;
  report?: ((progress: unknown) => void) | undefined;
}

/**
 * Answers a request that came in at a door: checks its name and its input, and makes every error one with a code.
 * @throws AttendError, whatever happens
 */
export async function dispatch(
  handlers: Handlers,
  name: string,
  input: unknown,
  { signal = new AbortController().signal, report = () => undefined }: DispatchControl = {},
): Promise<unknown> {
  if (!isRequestName(name)) throw new AttendError('unknown-request', `There is no request "${name.slice(0, 60)}".`);
  const parsed = (REQUESTS[name].input as z.ZodType).safeParse(input);
  if (!parsed.success) throw new AttendError('bad-request', explain(parsed.error));
  const unknown = unknownKey(input, parsed.data);
  if (unknown !== undefined) {
    throw new AttendError('bad-request', `The request is not of the right form: ${name} has no "${unknown}".`);
  }
  if (signal.aborted) throw cancelled();
  try {
    const handler = handlers[name] as (input: unknown, control: object) => unknown;
    return await handler(parsed.data, { signal, report });
  } catch (error) {
    throw toAttendError(error);
  }
}

/** The first key of an input that its schema does not know and has left out: what it asks for would not be done. */
function unknownKey(input: unknown, known: unknown, place = ''): string | undefined {
  if (typeof input !== 'object' || typeof known !== 'object' || !input || !known || ArrayBuffer.isView(input)) {
    return undefined;
  }
  for (const [key, value] of Object.entries(input)) {
    const at = place === '' ? key : `${place}.${key}`;
    if (!Object.hasOwn(known, key)) {
      // Electron's messages have keys without a value, too.
      if (value === undefined) continue;
      return at.slice(0, 200);
    }
    const inside = unknownKey(value, (known as Record<string, unknown>)[key], at);
    if (inside !== undefined) return inside;
  }
  return undefined;
}

/** What is wrong with an input: "photoIds.3: …". */
function explain({ issues }: z.ZodError): string {
  const [first] = issues;
  if (!first) return 'The request is not of the right form.';
  const place = first.path.map(String).join('.');
  return `The request is not of the right form: ${place === '' ? '' : `${place}: `}${first.message}.`;
}
