import { damagedDefaults } from '../../model-folders/installed-models.ts';

/** Says so where the choice of models cannot be read, and another one than that which was chosen may be taken. */
export function warnOfDefaults(): void {
  const file = damagedDefaults();
  if (file === undefined) return;
  process.stderr.write(
    `${file} is damaged: which model comes first is not known any more. "attend models default NAME" says it anew.\n`,
  );
}
