import type { DeviceName } from '../../contract/constants/devices.ts';

/** What `attend doctor` is told on the command line. */
export interface DoctorOptions {
  json?: boolean;
  model?: string;
  /** Which graphics cards are tried; left out: none. */
  device?: DeviceName;
}
