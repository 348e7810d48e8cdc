/**
 * What reaches graphics cards, the one that is tried first at the front: WebGPU, which counts in the processor's own
 * precision everywhere; DirectML (Windows); Core ML (macOS); CUDA (NVIDIA's cards, with its libraries installed).
 */
export const CARDS = ['webgpu', 'dml', 'coreml', 'cuda'] as const;
export type CardName = (typeof CARDS)[number];

/** Where photos are encoded: on the processor; on whichever graphics card is right and faster; or on one that is named. */
export const DEVICES = ['cpu', 'gpu', ...CARDS] as const;
export type DeviceName = (typeof DEVICES)[number];

/** Where photos are encoded, and why. */
export interface DeviceReport {
  readonly wanted: DeviceName;
  readonly used: 'cpu' | CardName;
  /** A sentence or several for a person: why it is not what was wanted; null where it is. */
  readonly problem: string | null;
}
