import type { Summary } from './statistics.ts';

/** How much is measured. */
export interface Effort {
  /** Photos that are captioned one by one. */
  photos: number;
  /** Large photos that are read. */
  largePhotos: number;
  /** Photos in a turn of the throughput, and its turns. */
  throughputPhotos: number;
  throughputTurns: number;
  /** Starts of the command line. */
  starts: number;
  /** Photos that are captioned for the peak of memory. */
  memoryPhotos: number;
  /** Photos of the long run, and after how many of them it is looked at. */
  longRunPhotos: number;
  longRunStep: number;
  /** Sentences that are translated one by one, and how often each batch of sentences is. */
  sentences: number;
  sentenceTurns: number;
  /** Lengths of sources, in tokens, for the cost of attention, and how often each is translated. */
  costLengths: readonly number[];
  costRepeats: number;
  /** Times that the page is opened, photos that are dropped on it, and words that are moved over. */
  pageLoads: number;
  pageDrops: number;
  hoverWords: number;
  /** Photos in the page's large library. */
  libraryPhotos: number;
}

export const FULL: Effort = {
  photos: 40,
  largePhotos: 8,
  throughputPhotos: 32,
  throughputTurns: 3,
  starts: 10,
  memoryPhotos: 64,
  longRunPhotos: 1000,
  longRunStep: 100,
  sentences: 64,
  sentenceTurns: 5,
  costLengths: [10, 25, 50, 100, 200, 400],
  costRepeats: 5,
  pageLoads: 10,
  pageDrops: 12,
  hoverWords: 60,
  libraryPhotos: 2000,
};

/** To see that all of it works. Its numbers mean nothing. */
export const QUICK: Effort = {
  photos: 3,
  largePhotos: 1,
  throughputPhotos: 16,
  throughputTurns: 1,
  starts: 2,
  memoryPhotos: 8,
  longRunPhotos: 20,
  longRunStep: 10,
  sentences: 2,
  sentenceTurns: 1,
  costLengths: [5, 10],
  costRepeats: 1,
  pageLoads: 1,
  pageDrops: 1,
  hoverWords: 8,
  libraryPhotos: 20,
};

/** What every benchmark is given. */
export interface Setting {
  effort: Effort;
  /** The captioner's folder. */
  model: string;
  /** The translator's, where there is one. */
  translator: string | undefined;
  /** At least as many as any benchmark needs. */
  photos: readonly string[];
  /** Large ones (4000 x 3000). */
  largePhotos: readonly string[];
  /** A folder for what is written on the way; it goes at the end. */
  scratch: string;
  /** The Python that may have PyTorch. */
  python: string;
  /** Says what is being done. */
  say: (what: string) => void;
}

/** A summary of repeats, or something that is counted once. */
export type Cell = Summary | number;

export interface Row {
  what: string;
  unit: 'ms' | 'MiB' | 'photos/s' | 'tokens/s' | 'tensors' | '%' | 'layouts' | 'nodes';
  /** By the name of the column; what could not be measured is left out. */
  cells: Record<string, Cell>;
}

/** One thing as a multiple of another that was measured in turns with it. */
export interface Ratio {
  what: string;
  ours: string;
  against: string;
  ratio: Summary;
  /** The largest ratio that is aimed at, where there is an aim. */
  goal?: number;
}

/** Two outputs that should be the same. */
export interface Agreement {
  what: string;
  result: string;
}

export interface Section {
  columns: readonly string[];
  rows: Row[];
  ratios?: Ratio[];
  agreements?: Agreement[];
  notes?: string[];
  /** SVG documents that are written beside the results. */
  pictures?: { name: string; svg: string }[];
}

export interface Benchmark {
  /** For `--only`. */
  name: string;
  title: string;
  run(setting: Setting): Promise<Section>;
}
