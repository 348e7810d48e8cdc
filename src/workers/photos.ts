// The process that decodes photos; see `DecoderPool`.
import { keepCompiled } from '../files/keep-compiled.ts';
import type { DecoderPort } from '../photos/decoders/serve-decodes.ts';
import type { FromDecoder, ToDecoder } from '../photos/decoders/protocol.ts';

/** What Electron gives a process of its own, as far as it is needed here. */
interface ParentPort {
  on(event: 'message', listener: (event: { data: ToDecoder }) => void): void;
  postMessage(message: FromDecoder): void;
}
const { parentPort } = process as { parentPort?: ParentPort };

const port: DecoderPort = parentPort
  ? {
      onMessage: (listener) => parentPort.on('message', ({ data }) => listener(data)),
      send: (message) => parentPort.postMessage(message),
    }
  : {
      onMessage: (listener) => process.on('message', listener),
      send: (message) => process.send?.(message),
    };
// Before it ends itself, see `serveDecodes`.
process.once('disconnect', keepCompiled('photos'));
const { serveDecodes } = await import('../photos/decoders/serve-decodes.ts');
serveDecodes(port);
