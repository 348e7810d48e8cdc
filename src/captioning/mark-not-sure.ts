import { isNotSure, NOT_SURE_BELOW } from '../contract/constants/not-sure-below.ts';
import { isFailed, type PhotoResult } from './result.ts';

/**
 * Marks a caption whose confidence is too low. One without a confidence is never marked.
 * @param below what is low enough
 */
export function markNotSure(result: PhotoResult, below: number = NOT_SURE_BELOW): PhotoResult {
  return !isFailed(result) && isNotSure(result.confidence, below) ? { ...result, notSure: true } : result;
}
