import { createInterface } from 'node:readline';
import type { Operations } from './lane.ts';

/** Tells the other side how far a long operation is. */
export function tell(progress: string): void {
  process.stdout.write(`${JSON.stringify({ progress })}\n`);
}

/** The other side of a `Lane`: answers requests from standard input until it ends. */
export async function serve<Ops extends Operations<Ops>>(operations: Ops): Promise<void> {
  // Standard output belongs to the answers.
  console.log = console.info = console.error;
  for await (const line of createInterface({ input: process.stdin })) {
    const { operation, argument } = JSON.parse(line) as { operation: keyof Ops; argument: never };
    let answer: object;
    try {
      answer = { answer: await operations[operation](argument) };
    } catch (error) {
      answer = { error: error instanceof Error ? error.message : String(error) };
    }
    process.stdout.write(`${JSON.stringify(answer)}\n`);
  }
}
