import { constants } from 'node:os';

/** `RTLD_NODELETE` of dlopen, which Node does not name: a library stays in memory when it is closed. */
const KEEP: Partial<Record<NodeJS.Platform, number>> = { linux: 0x1000, darwin: 0x80 };

/**
 * Loads native code so that it stays until the process ends. Node takes a thread's libraries out of memory with the
 * thread, but TensorFlow has told the system to call it at the end of the process: that call would go nowhere (SIGSEGV).
 * ONNX Runtime has threads of its own, which would lose their code.
 */
export function withLibrariesKept<T>(load: () => T): T {
  const keep = KEEP[process.platform];
  const dlopen = process.dlopen.bind(process);
  if (keep !== undefined) {
    process.dlopen = (module, file, flags = constants.dlopen.RTLD_LAZY) => dlopen(module, file, flags | keep);
  }
  try {
    return load();
  } finally {
    process.dlopen = dlopen;
  }
}
