/** What `model.json` calls captioners with a Vision Transformer. */
export const VISION_ARCHITECTURE = 'vision-captioner';
/** What it calls captioners of the widely used PyTorch tutorial's layout; their config are `ShowAttendTellParts`. */
export const SHOW_ATTEND_TELL = 'show-attend-tell';
