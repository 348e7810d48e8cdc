// The thread that finds content words; see `ContentWordsThread`.
import { workerData } from 'node:worker_threads';
import { answerContentWords } from '../captioning/confidence/content-words-thread.ts';
import { contentWords } from '../captioning/confidence/content-words.ts';

answerContentWords(workerData, contentWords());
