import { describe, expect, it } from 'vitest';
import { unpackedRoot } from '../../src/files/package-root.ts';

describe('the folder of what runs outside the archive', () => {
  it('lies beside the archive in an installed app', () => {
    expect(unpackedRoot('/opt/Attend/resources/app.asar')).toBe('/opt/Attend/resources/app.asar.unpacked');
    expect(unpackedRoot('/home/attend')).toBe('/home/attend');
  });
});
