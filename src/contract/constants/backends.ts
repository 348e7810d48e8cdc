/** The engines that can run the arithmetic: ONNX Runtime, TensorFlow and WebAssembly, the one that is taken first at the front. */
export const BACKENDS = ['onnx', 'native', 'wasm'] as const;
export type BackendName = (typeof BACKENDS)[number];
