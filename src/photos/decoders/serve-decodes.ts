import sharp from 'sharp';
import { DecodeFailure, decodePhoto, NeedsMemory } from '../decode-photo.ts';
import { LEAST_SECONDS, SECONDS_PER_MEGAPIXEL } from './budget.ts';
import type { FromDecoder, ToDecoder } from './protocol.ts';

/** How a decoder talks with who started it. */
export interface DecoderPort {
  onMessage(listener: (message: ToDecoder) => void): void;
  send(message: FromDecoder): void;
}

/** Milliseconds between two looks at what a decode has taken. */
const INTERVAL = 10;

/** In a process of its own: decodes a photo at a time, and ends itself where one takes more than it may. */
export function serveDecodes(port: DecoderPort): void {
  // Ctrl-C reaches every process of a terminal; whoever started this one decides.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
  // Whoever started this process is gone, or ends it in an orderly way, which would wait for the photo in hand.
  process.on('disconnect', endAtOnce);
  process.on('exit', endAtOnce);
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) endAtOnce();
  }, 1000).unref();
  // No photo comes twice.
  sharp.cache(false);
  port.onMessage((message) => void decode(message, port));
}

async function decode({ task, allowance }: ToDecoder, port: DecoderPort): Promise<void> {
  const memory = process.memoryUsage.rss() + allowance;
  const begin = process.cpuUsage();
  let seconds = LEAST_SECONDS;
  const watch = setInterval(() => {
    const { user, system } = process.cpuUsage(begin);
    const over = process.memoryUsage.rss() > memory ? 'memory' : (user + system) / 1e6 > seconds ? 'time' : undefined;
    if (over === undefined) return;
    port.send({ over });
    // A moment for the message to leave.
    clearInterval(watch);
    setTimeout(endAtOnce, INTERVAL);
  }, INTERVAL);
  const answer = await answerTo(task, allowance, (pixels) => (seconds += (pixels / 1e6) * SECONDS_PER_MEGAPIXEL));
  clearInterval(watch);
  port.send(answer);
}

async function answerTo(
  task: ToDecoder['task'],
  allowance: number,
  onHeader: (pixels: number) => void,
): Promise<FromDecoder> {
  const resident = (): number => process.memoryUsage.rss();
  try {
    const decoded = await decodePhoto(task, allowance, onHeader);
    return { decoded, resident: resident() };
  } catch (error) {
    if (error instanceof NeedsMemory) return { needs: error.bytes, resident: resident() };
    if (error instanceof DecodeFailure) {
      return { failure: { code: error.code, reason: error.reason }, resident: resident() };
    }
    const reason = `${error instanceof Error ? error.message : String(error)}.`;
    return { failure: { code: 'unreadable', reason }, resident: resident() };
  }
}

/** A decoder that is at work does not let its process end in an orderly way. */
function endAtOnce(): void {
  process.kill(process.pid, 'SIGKILL');
}
