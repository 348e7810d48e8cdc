import { warmContentWords } from '../captioning/confidence/content-words.ts';
import { warmDecoders } from '../photos/decoders/decoders.ts';

/**
 * Starts what `attend caption` waits for longest, the thread that finds content words and the process that decodes
 * photos, before the rest of the command line is loaded: that takes a while too, and they load meanwhile.
 */
export function beginEarly(): void {
  try {
    warmDecoders();
    warmContentWords();
  } catch {
    // Whoever needs them says what is wrong.
  }
}
