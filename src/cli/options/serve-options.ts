import type { DeviceName } from '../../contract/constants/devices.ts';

/** What `attend serve` is told on the command line. */
export interface ServeOptions {
  port: number;
  open?: boolean;
  model?: string;
  translator?: string;
  uploadLimit: number;
  /** Where photos are encoded; left out: as the settings have it. */
  device?: DeviceName;
}
