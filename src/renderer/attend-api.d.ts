import type { AttendApi } from '../preload/api.ts';

declare global {
  interface Window {
    /** From the preload; missing where the page runs in an ordinary browser. */
    readonly attend?: AttendApi;
  }
}
