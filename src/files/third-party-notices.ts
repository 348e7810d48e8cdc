import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packageRoot } from './package-root.ts';

/** What THIRD-PARTY-NOTICES.txt says: whose software comes with Attend, and on what terms. @throws Error with a sentence */
export async function thirdPartyNotices(): Promise<string> {
  try {
    return await readFile(join(packageRoot(), 'THIRD-PARTY-NOTICES.txt'), 'utf8');
  } catch (error) {
    throw new Error('The installation is incomplete: its THIRD-PARTY-NOTICES.txt is missing.', { cause: error });
  }
}
