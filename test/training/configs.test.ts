import { readdirSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readCaptionerConfig } from '../../src/training/captioner/captioner-config.ts';
import { readTranslatorConfig } from '../../src/training/translator/translator-config.ts';

const folder = fileURLToPath(new URL('../../configs', import.meta.url));

describe('a configuration in configs/', () => {
  it.each(readdirSync(folder).filter((file) => file.endsWith('.json')))(
    '%s can be used, and is called as its file',
    async (file) => {
      const read = file.startsWith('captioner-') ? readCaptionerConfig : readTranslatorConfig;
      const { name } = await read(join(folder, file));
      expect(`${name}.json`).toBe(file);
    },
  );
});

describe('a configuration of a captioner', () => {
  type Config = Record<string, unknown> & { stages: Record<string, unknown>[] };

  it.each<[string, (config: Config) => void, RegExp]>([
    ['without a seed', (config) => delete config['seed'], /cannot be used\. seed: /],
    ['with an unknown key', (config) => (config['sed'] = 1), /"sed"/],
    ['with a name that is no folder', (config) => (config['name'] = '../a'), /name: may have letters, digits/],
    ['without stages', (config) => config.stages.splice(0), /stages: /],
    ['with a dropout of 1', (config) => (config.stages[0]!['dropout'] = 1), /stages\.0\.dropout: /],
    [
      'with a reward that no stage says how to get',
      (config) => (config.stages[0]!['objective'] = 'self-critical'),
      /stages\.0\.selfCritical: is needed by the objective self-critical/,
    ],
    [
      'that draws nouns somewhere while the encoder changes',
      (config) => (config.stages[1]!['look'] = { weight: 1, until: 1 }),
      /stages\.1\.look: goes with cross entropy on a frozen encoder/,
    ],
    [
      'that gives PyTorch what nobody knows',
      (config) => (config.stages[0]!['torch'] = { colour: 1 }),
      /stages\.0\.torch: .*"colour"/,
    ],
    [
      'with a query where there is no attention',
      (config) => Object.assign(config, { attention: 'none', query: 'word' }),
      /attention: without attention there is neither query nor look/,
    ],
    [
      'that goes on with a captioner and says what shape it has',
      (config) => (config['captioner'] = 'captioner-flickr8k-coco'),
      /captioner: decides the shape of the model/,
    ],
    ['without the size of its decoder', (config) => delete config['hiddenSize'], /hiddenSize: /],
    [
      'that mixes with weights which nobody has',
      (config) => (config.stages[0]!['mix'] = 0.5),
      /stages: mix is for a run that starts from a captioner only/,
    ],
    [
      'that mixes and changes the encoder',
      (config) => (config.stages[1]!['mix'] = 0.5),
      /stages\.1\.mix: goes with an encoder that stays as it is/,
    ],
    [
      'with what belongs to hard attention',
      (config) => (config.stages[0]!['reinforce'] = { rewardWeight: 1, entropyWeight: 0 }),
      /stages: reinforce is for hard attention only/,
    ],
  ])('%s is refused', async (_, spoil, message) => {
    const config = JSON.parse(await readFile(join(folder, 'captioner-soft.json'), 'utf8')) as Config;
    spoil(config);
    const temporary = await mkdtemp(join(tmpdir(), 'attend-config-'));
    try {
      await writeFile(join(temporary, 'config.json'), JSON.stringify(config));
      await expect(readCaptionerConfig(join(temporary, 'config.json'))).rejects.toThrow(message);
    } finally {
      await rm(temporary, { recursive: true, force: true });
    }
  });
});
