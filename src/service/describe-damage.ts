import type { Damage } from '../contract/data/app.ts';

/** What was damaged of what is kept, for the terminal. */
export function describeDamage(damage: Damage): string {
  switch (damage.kind) {
    case 'library': {
      const { back, captions, disordered, file, records } = damage;
      const kept = ` The damaged file is kept beside ${file}.`;
      if (disordered && records === 0) {
        return `The records of the library were not in the order in which they were written. They are again, and nothing is lost.${kept}`;
      }
      const lost =
        records === 0
          ? `The list of the library, ${file}, is missing, empty or cut short, but what it listed is not.`
          : `The library was damaged: ${records === 1 ? 'one record is' : `${records} records are`} unreadable, so a photo or a change of one may be missing.`;
      const found =
        back === 0 ? '' : ` ${back} of the photos came back from what lies beside it, as they were some time before.`;
      const homeless =
        captions === 0 ? '' : ` Captions of others (${captions}) stay in its folder "results": add these photos again.`;
      return `${lost}${found}${homeless}${records === 0 ? '' : kept}`;
    }
    case 'settings':
      return `The settings were damaged: what cannot be read is as it was at first. The damaged file is kept as ${damage.kept}.`;
    case 'result':
      return `What was found in ${damage.photo} was damaged: its caption stays, its maps and other captions are gone. Caption it again to have them. The damaged file is kept as ${damage.kept}.`;
    case 'sent': {
      const more = damage.more > 0 ? ` and ${damage.more} more` : '';
      const photos = damage.photos.join(', ') + more;
      return damage.how === 'moved'
        ? `Files of the library lay in the places of others: ${photos}. Each is in its own place again.`
        : `Not what was sent any more, but changed, damaged or gone: ${photos}. Captions are of what was sent; send it again to have it back.`;
    }
  }
}
