import { AttendError, isFailure } from '../contract/attend-error.ts';
import type { Failure } from '../contract/data/failure.ts';
import type { Output, Progress, RequestName } from '../contract/requests.ts';

/** What an answer that is none says. */
export async function failureOf(response: Response): Promise<AttendError> {
  const body: unknown = await response.json().catch(() => undefined);
  const failure = (body as { error?: unknown } | null | undefined)?.error;
  if (isFailure(failure)) return new AttendError(failure.code, failure.message);
  return new AttendError('internal', `The server answered ${response.status}.`);
}

/** An error as the contract has it: whatever else went wrong, the server was not to be had. */
export function asAttendError(error: unknown): AttendError {
  if (error instanceof AttendError) return error;
  if (error instanceof Error && error.name === 'AbortError') return new AttendError('cancelled', 'Cancelled.');
  return new AttendError('connection-lost', 'Attend does not answer. Is it still running?', { cause: error });
}

/** The answer behind the news of its progress, a line of JSON each. @throws AttendError where it ends without one */
export async function lastLine<Name extends RequestName>(
  body: ReadableStream<Uint8Array>,
  onProgress: (progress: Progress<Name>) => void,
): Promise<Output<Name>> {
  for await (const line of blocks(body, '\n')) {
    const message = JSON.parse(line) as { progress?: Progress<Name>; output?: Output<Name>; error?: Failure };
    if (message.error) throw new AttendError(message.error.code, message.error.message);
    if ('output' in message) return message.output as Output<Name>;
    onProgress(message.progress as Progress<Name>);
  }
  throw new AttendError('connection-lost', 'Attend ended before it was done.');
}

/** The parts of a text stream between separators; empty ones left out. */
export async function* blocks(stream: ReadableStream<Uint8Array>, separator: string): AsyncGenerator<string> {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      rest += decoder.decode(value, { stream: true });
      const parts = rest.split(separator);
      rest = parts.pop() ?? '';
      for (const part of parts) if (part !== '') yield part;
    }
  } finally {
    // Not awaited: a stream that was aborted never ends.
    void reader.cancel().catch(() => undefined);
  }
}
