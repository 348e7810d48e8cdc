// The thread that finds content words; see `ContentWordsThread`.
import { workerData } from 'node:worker_threads';
import { keepCompiled } from '../files/keep-compiled.ts';

const keep = keepCompiled('content-words');
const { answerContentWords } = await import('../captioning/confidence/content-words-thread.ts');
const { contentWords } = await import('../captioning/confidence/content-words.ts');
const find = contentWords();
// The first sentence takes ten times as long as the others.
find(['a', 'dog', 'runs']);
answerContentWords(workerData, find);
// The thread ends with the program, without a word.
keep();
