import type { Input, Output } from '../../../src/contract/requests.ts';
import type { FakeClient } from './fake-service/fake-client.ts';

type Asked = 'translate.run' | 'translate.lookInside';

/** A request that waits for its answer. */
export interface Owed<Name extends Asked> {
  readonly input: Input<Name>;
  readonly signal: AbortSignal;
  answer(output: Output<Name>): void;
  refuse(error: Error): void;
}

/** Has requests of one name wait until the test answers them, in whatever order; cancelled or not. */
export function owe<Name extends Asked>(client: FakeClient, name: Name): Owed<Name>[] {
  const owed: Owed<Name>[] = [];
  const handler = (input: Input<Name>, { signal }: { signal: AbortSignal }): Promise<Output<Name>> =>
    new Promise((answer, refuse) => void owed.push({ input, signal, answer, refuse }));
  Object.assign(client.handlers, { [name]: handler });
  return owed;
}
