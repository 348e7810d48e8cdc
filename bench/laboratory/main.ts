import { measureCopying } from './copying.ts';
import { measureDigits } from './digits.ts';
import { measureGates } from './gates.ts';
import { measureSnail } from './snail.ts';
import { measureStories } from './stories.ts';

const MEASUREMENTS: Readonly<Record<string, (only: readonly string[]) => Promise<void>>> = {
  digits: measureDigits,
  copying: measureCopying,
  gates: measureGates,
  snail: measureSnail,
  stories: measureStories,
};

const [name = '', ...only] = process.argv.slice(2);
const measure = MEASUREMENTS[name];
if (measure) {
  measure(only).catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  });
} else {
  console.error(`Say what to measure: ${Object.keys(MEASUREMENTS).join(', ')}.`);
  process.exitCode = 2;
}
