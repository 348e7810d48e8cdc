import { readdir } from 'node:fs/promises';
import { basename, dirname, extname, join, parse } from 'node:path';
import { plainStem } from '../../pictures/output-names.ts';
import { caseless } from '../../files/caseless.ts';
import { hasOtherPhotoEnding, hasPhotoEnding } from '../../photos/photo-endings.ts';

/** What lies in photos' folders, looked up once a run. */
export class PhotoNeighbours {
  readonly #folders = new Map<string, Promise<readonly string[]>>();

  /** Whether another photo in the folder has the same name before its ending, as a raw file and its JPEG have. */
  async sharesName(photo: string): Promise<boolean> {
    const stem = caseless(parse(photo).name);
    return (await this.#others(photo)).some((name) => caseless(parse(name).name) === stem);
  }

  /** Whether the files of another photo in the folder could be called as this one's: "a.jpg", or "b.jpg" of "b-jpg.png". */
  async sharesOutputs(photo: string): Promise<boolean> {
    const stem = caseless(plainStem(photo));
    return (await this.#others(photo)).some((name) => {
      const other = caseless(plainStem(name));
      return other === stem || `${other}-${caseless(extname(name).slice(1))}` === stem;
    });
  }

  /**
   * The sidecars of a photo that are there: "beach.jpg.xmp", as darktable and digiKam name it, then "beach.xmp", as Adobe
   * does, which belongs to the photo where no other has its name.
   */
  async sidecarsOf(photo: string): Promise<string[]> {
    const names = await this.#namesIn(dirname(photo));
    const find = (wanted: string): string | undefined =>
      names.find((name) => name === wanted) ?? names.find((name) => caseless(name) === caseless(wanted));
    const long = find(`${basename(photo)}.xmp`);
    const short = (await this.sharesName(photo)) ? undefined : find(`${parse(photo).name}.xmp`);
    return [long, short].flatMap((name) => (name === undefined ? [] : join(dirname(photo), name)));
  }

  /** Where a sidecar beside the photo goes: into the one that is there. */
  async sidecarFor(photo: string): Promise<string> {
    return (await this.sidecarsOf(photo))[0] ?? `${photo}.xmp`;
  }

  /** The other photos in a photo's folder. */
  async #others(photo: string): Promise<string[]> {
    const own = basename(photo).normalize('NFC');
    return (await this.#namesIn(dirname(photo))).filter(
      (name) => name.normalize('NFC') !== own && (hasPhotoEnding(name) || hasOtherPhotoEnding(name)),
    );
  }

  #namesIn(folder: string): Promise<readonly string[]> {
    let names = this.#folders.get(folder);
    if (!names) {
      names = readdir(folder).catch(() => []);
      this.#folders.set(folder, names);
    }
    return names;
  }
}
