// The thread that finds content words; see `ContentWordsThread`.
import { workerData } from 'node:worker_threads';
import { keepCompiled } from '../files/keep-compiled.ts';

keepCompiled();
const { answerContentWords } = await import('../captioning/confidence/content-words-thread.ts');
const { contentWords } = await import('../captioning/confidence/content-words.ts');
answerContentWords(workerData, contentWords());
