#!/usr/bin/env node
import { keepCompiled } from '../files/keep-compiled.ts';

keepCompiled('attend');
// Only what is loaded from here on comes out of the cache.
const { beginEarly, loadMain } = await import('./whole.ts');
// How many may decode is read with the options; who asks for help captions nothing.
const [, , command, ...rest] = process.argv;
if (command === 'caption' && !rest.some((option) => /^(?:-h|--help|--threads\b.*)$/.test(option))) beginEarly();
const { main } = await loadMain();

process.exitCode = await main(process.argv);
// When nothing is left to do, nothing need be taken down piece by piece.
process.once('beforeExit', () => process.exit());
