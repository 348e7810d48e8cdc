#!/usr/bin/env node
import { keepCompiled } from './keep-compiled.ts';

keepCompiled();
// Only what is loaded from here on comes out of the cache.
const { main } = await import('./main.ts');

process.exitCode = await main(process.argv);
