import type { AttendBridge } from '../contract/bridge.ts';

declare global {
  interface Window {
    /** From the preload; missing where the page runs in an ordinary browser. */
    readonly attend?: AttendBridge;
  }
}
