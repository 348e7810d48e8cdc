/**
 * Words of a translated caption that are less likely than this are mostly wrong: of the things in the translations of 400
 * captions, the captions translators put 5 of some 900 below it in German and 5 in French, nearly all wrong or invented.
 */
export const UNSURE_BELOW = 0.25;
