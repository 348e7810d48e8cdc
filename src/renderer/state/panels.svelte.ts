/** What is open around the photo. */
export class Panels {
  editing = $state(false);
  /** What the editor holds. */
  draft = '';
  /** The contact sheet, in the photo's place. */
  sheet = $state(false);
  /** The other captions, beside it. */
  others = $state(false);
}
