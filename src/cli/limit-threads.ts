import { useDecoders } from '../photos/decoders/decoders.ts';

/**
 * Lets this process and its decoders use so many threads at most. To be called before a backend is opened: TensorFlow and
 * ONNX Runtime read their limits as they start.
 */
export function limitThreads(threads: number): void {
  const limit = String(threads);
  for (const name of ['TF_NUM_INTRAOP_THREADS', 'TF_NUM_INTEROP_THREADS', 'ATTEND_THREADS']) process.env[name] = limit;
  useDecoders({ processes: threads });
}
