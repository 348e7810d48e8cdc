import { AttendError } from '../../../../src/contract/attend-error.ts';
import type { InstalledModel, ModelOffer } from '../../../../src/contract/data/models.ts';

export const HUB_MODEL = 'Salesforce/blip-image-captioning-base';

const OWN: InstalledModel[] = [
  model({ name: 'captioner-soft', kind: 'captioner', to: ['en'], bytes: 24_600_000, isFirst: true }),
  model({
    name: 'translator-everyday',
    kind: 'translator',
    title: 'Transformer',
    from: 'en',
    to: ['de', 'fr'],
    bytes: 15_200_000,
    isFirst: true,
    speed: { milliseconds: 31.4, backend: 'wasm' },
  }),
  model({ name: 'comparison-dot', kind: 'translator', title: 'GRU', from: 'en', to: ['de'], bytes: 9_000_000 }),
];

/** What a service with models says of them; it adds the one of the Hub, and removes what was added. */
export class FakeModels {
  list: readonly InstalledModel[] = OWN;

  offer(name: string): ModelOffer {
    if (name !== HUB_MODEL) {
      throw new AttendError('not-found', `There is no ${name} (main) on huggingface.co.`);
    }
    const revision = '82a37760796d32b1411fe092ab5d4e227313294b';
    const bytes = 990_000_000;
    return { name, revision, family: 'BLIP', licence: 'bsd-3-clause', bytes, loaded: 0, host: 'huggingface.co' };
  }

  add(): { name: string } {
    const name = 'captioner-blip-image-captioning-base';
    this.remove(name);
    this.list = [...this.list, model({ name, kind: 'captioner', title: 'BLIP', isAdded: true, bytes: 495_000_000 })];
    return { name };
  }

  choose(name: string): void {
    const chosen = this.list.find((one) => one.name === name);
    this.list = this.list.map((one) => (one.kind === chosen?.kind ? { ...one, isFirst: one === chosen } : one));
  }

  remove(name: string): void {
    this.list = this.list.filter((one) => one.name !== name);
  }

  measure(name: string): { milliseconds: number; backend: 'wasm' } {
    const speed = { milliseconds: 120.4, backend: 'wasm' as const };
    this.list = this.list.map((one) => (one.name === name ? { ...one, speed } : one));
    return speed;
  }
}

function model(about: Partial<InstalledModel> & Pick<InstalledModel, 'name' | 'kind' | 'bytes'>): InstalledModel {
  return {
    title: null,
    isFirst: false,
    isAdded: false,
    from: null,
    to: [],
    licence: 'Apache-2.0',
    speed: null,
    ...about,
  };
}
