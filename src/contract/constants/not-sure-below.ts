/**
 * Captions and words of a captioner with a lower confidence are shown as not sure: they are wrong at least twice as often
 * as right.
 */
export const NOT_SURE_BELOW = 1 / 3;

/** Whether something with this confidence is shown as not sure; where there is none, nothing is said. */
export function isNotSure(confidence: number | null | undefined, below: number = NOT_SURE_BELOW): boolean {
  return typeof confidence === 'number' && confidence < below;
}
