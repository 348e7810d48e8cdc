#!/usr/bin/env node
import { keepCompiled } from '../files/keep-compiled.ts';

keepCompiled();
// Only what is loaded from here on comes out of the cache.
const { main } = await import('./main.ts');

process.exitCode = await main(process.argv);
// When nothing is left to do, nothing need be taken down piece by piece.
process.once('beforeExit', () => process.exit());
