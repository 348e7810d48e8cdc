import { DEVICES, type DeviceName } from '../contract/constants/devices.ts';

let wanted: DeviceName | undefined;

/** Says where captioners that are loaded from now on encode photos. @param device left out: as ATTEND_DEVICE has it */
export function useDevice(device: DeviceName | undefined): void {
  wanted = device;
}

/** Where photos are to be encoded: what was said last, else what ATTEND_DEVICE says, else the processor. */
export function wantedDevice(): DeviceName {
  return wanted ?? deviceOfEnvironment() ?? 'cpu';
}

/** The device that ATTEND_DEVICE names; nothing where it is not set. @throws Error where it names none */
export function deviceOfEnvironment(): DeviceName | undefined {
  const text = process.env['ATTEND_DEVICE'];
  return text ? parseDevice(text, 'ATTEND_DEVICE') : undefined;
}

/** @param what is called so @throws Error on a word that is no device */
export function parseDevice(text: string, what: string): DeviceName {
  const device = DEVICES.find((known) => known === text);
  if (device) return device;
  throw new Error(`${what} is "${text}"; it takes ${DEVICES.map((known) => `"${known}"`).join(', ')}.`);
}
