import { EXPORT_FORMATS, hasMaps, type ExportFormat } from '../../contract/constants/export-formats.ts';
import { toBeFound, type MapKind } from '../../contract/constants/map-kinds.ts';
import type { Photo } from '../../contract/data/photos.ts';
import type { Input, Output, Progress } from '../../contract/requests.ts';
import type { App } from './app.svelte.ts';
import { codeOf, messageOf } from './failure.ts';

type Where = Input<'export.run'>['target'];
export type ExportTarget = Where['kind'];

/** An export: what somebody chooses of it, and how it goes. */
export class Exporting {
  readonly #app: App;
  readonly photos: readonly Photo[];
  /** Whether it can go to folders, and into the photos themselves. */
  readonly inWindow: boolean;

  formats = $state.raw<readonly ExportFormat[]>([]);
  target = $state<ExportTarget>('download');
  existing = $state<Input<'export.run'>['existing']>('skip');
  /** What pictures show. */
  maps = $state<MapKind>('looked');
  language = $state('');
  keywords = $state(true);
  exif = $state(false);
  keepTimes = $state(true);
  includeUnsure = $state(false);
  byteOrderMark = $state(false);

  running = $state.raw<AbortController | null>(null);
  progress = $state.raw<Progress<'export.run'> | null>(null);
  done = $state.raw<Output<'export.run'> | null>(null);
  problem = $state('');

  readonly embeds = $derived(this.formats.includes('embed'));
  readonly hasMaps = $derived(this.formats.some(hasMaps));
  readonly hasTable = $derived(this.formats.includes('csv'));
  readonly writesMetadata = $derived(this.embeds || this.formats.includes('xmp'));
  /** Beside the photos, the photos themselves are written into; elsewhere copies of them. */
  readonly changesPhotos = $derived(this.embeds && this.target === 'beside');

  constructor(app: App) {
    this.#app = app;
    this.photos = app.library.toExport;
    this.inWindow = app.client.door === 'electron';
    this.target = this.inWindow ? 'folder' : 'download';
    // What was chosen last time.
    const remembered = String(app.settings.page['exportFormats'] ?? 'sheet').split(',');
    this.formats = EXPORT_FORMATS.filter((format) => remembered.includes(format));
    // As maps and captions are looked at.
    this.maps = app.looking.shownMaps.of;
    this.language = app.translators.captionLanguage;
  }

  choose(format: ExportFormat, isChosen: boolean): void {
    this.formats = EXPORT_FORMATS.filter((one) => (one === format ? isChosen : this.formats.includes(one)));
  }

  async run(): Promise<void> {
    const app = this.#app;
    this.problem = '';
    this.done = null;
    const control = new AbortController();
    try {
      const where = await this.#place();
      if (!where) return;
      this.running = control;
      void app.change({ page: { ...app.settings.page, exportFormats: this.formats.join(',') } });
      const done = await app.client.request('export.run', this.#input(where), {
        signal: control.signal,
        onProgress: (report) => (this.progress = report),
      });
      this.done = done;
      if (done.download) app.client.download(done.download);
    } catch (error) {
      if (codeOf(error) !== 'cancelled') this.problem = messageOf(error);
    } finally {
      this.running = null;
      this.progress = null;
    }
  }

  cancel(): void {
    this.running?.abort();
  }

  #input(target: Where): Input<'export.run'> {
    const { byteOrderMark, existing, exif, formats, includeUnsure, keepTimes, keywords, language, photos } = this;
    return {
      photoIds: photos.map(({ id }) => id),
      formats: [...formats],
      target,
      existing,
      style: { ...this.#app.mapStyle },
      ...(this.hasMaps && toBeFound(this.maps) ? { maps: this.maps } : {}),
      ...(language === '' ? {} : { language }),
      ...(this.writesMetadata ? { keywords, includeUnsure } : {}),
      ...(this.embeds ? { exif, keepTimes } : {}),
      ...(this.hasTable ? { byteOrderMark } : {}),
    };
  }

  /** @returns undefined where somebody was asked for a folder and named none */
  async #place(): Promise<Where | undefined> {
    const { target } = this;
    if (target !== 'folder') return { kind: target };
    const { path } = await this.#app.client.request('export.folder', {});
    return path === null ? undefined : { kind: 'folder', path };
  }
}
