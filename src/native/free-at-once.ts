import { MessageChannel, type MessagePort } from 'node:worker_threads';
import * as tf from '@tensorflow/tfjs-core';
import { isPlain } from '../engine/graph/late-tensor.ts';

/** The numbers of a tensor, and how many there are who may still need them. */
interface Lease {
  readonly buffer: ArrayBuffer;
  users: number;
}

const leases = new WeakMap<object, Lease>();
const endings = new WeakMap<object, () => void>();
const watched = new WeakSet<tf.KernelBackend>();

/**
 * Gives the memory of tensors back as soon as they are disposed of, where plain JavaScript holds them; otherwise it would be
 * there until JavaScript next collects, and a search leaves much behind at every step.
 * @param tensors whose numbers lie in a buffer each, and nobody keeps an array of them
 */
export function freeAtOnce(tensors: Readonly<Record<string, tf.Tensor>>): void {
  if (!isPlain()) return;
  for (const tensor of Object.values(tensors)) {
    const lease = { buffer: tensor.dataSync().buffer as ArrayBuffer, users: 1 };
    leases.set(tensor.dataId, lease);
    whenGone(tensor, () => release(lease));
  }
}

/** Keeps the numbers of tensors for whoever may need them after these are disposed of. @returns to be called when nobody does any more */
export function hold(tensors: Readonly<Record<string, tf.Tensor>>): () => void {
  const held = Object.values(tensors).flatMap(({ dataId }) => leases.get(dataId) ?? []);
  for (const lease of held) lease.users++;
  return () => held.forEach(release);
}

/** Does something once nobody holds a tensor's numbers. Needs plain JavaScript to hold them. */
export function whenGone(tensor: tf.Tensor, action: () => void): void {
  watch(tf.backend());
  endings.set(tensor.dataId, action);
}

function watch(holder: tf.KernelBackend): void {
  if (watched.has(holder)) return;
  watched.add(holder);
  const dispose = holder.disposeData.bind(holder);
  holder.disposeData = (dataId, force) => {
    const isGone = dispose(dataId, force);
    if (isGone) {
      endings.get(dataId)?.();
      endings.delete(dataId);
    }
    return isGone;
  };
}

function release(lease: Lease): void {
  lease.users--;
  if (lease.users === 0) nowhere?.postMessage(null, [lease.buffer]);
}

/** A port whose other end is closed: who sends a buffer there has it no more, and nobody else has. */
let nowhere: MessagePort | undefined;
const { port1, port2 } = new MessageChannel();
port1.unref();
// Until then, what is sent would wait at the other end.
port2.once('close', () => (nowhere = port1));
port2.close();
