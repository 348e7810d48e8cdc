/** The two engines that can run the arithmetic. */
export const BACKENDS = ['native', 'wasm'] as const;
export type BackendName = (typeof BACKENDS)[number];
