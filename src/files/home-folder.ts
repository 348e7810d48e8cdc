import { homedir } from 'node:os';

/** The user's folder. Containers run programs as users whom the system does not know: theirs is the root, as is usual there. */
export function homeFolder(): string {
  try {
    return homedir();
  } catch {
    return '/';
  }
}
