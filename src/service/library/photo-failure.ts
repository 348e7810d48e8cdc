import type { Failure } from '../../contract/data/failure.ts';
import { toAttendError } from '../describe-failure.ts';

/**
 * Why a photo cannot be used, as it stands beside the photo: "The file is cut short." rather than
 * "cannot read beach.jpg: the file is cut short."
 * @param name as the message has it
 */
export function photoFailure(error: unknown, name: string): Failure {
  const { code, message } = toAttendError(error);
  const prefix = `cannot read ${name}: `;
  if (!message.startsWith(prefix)) return { code, message };
  const reason = message.slice(prefix.length);
  return { code, message: reason.charAt(0).toUpperCase() + reason.slice(1) };
}
