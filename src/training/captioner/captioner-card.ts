import type { CaptionerConfig } from '../../engine/models/captioner.ts';
import type { CaptionerMetadata } from '../../captioning/captioner-model.ts';

const ATTENTION: Record<CaptionerConfig['attention'], string> = {
  soft: 'soft attention',
  hard: 'hard attention',
  none: 'no attention (the mean annotation)',
};

/** A model card from what the model itself knows; whoever ships the model adds where its data came from. */
export function modelCard(name: string, config: CaptionerConfig, metadata: CaptionerMetadata): string {
  const { card, decoding, encoder, preprocessing, vocabulary } = metadata;
  const { run, results } = card as { run?: { name?: string }; results?: Record<string, unknown> };
  const scores = Object.entries(results ?? {}).filter(([, value]) => typeof value !== 'object');
  const lines = [
    `# ${name}`,
    '',
    'An image captioner after *Show, Attend and Tell* (Xu et al. 2015), trained and run by Attend.',
    '',
    `- Encoder: ${encoder.name}; the whole photo squashed to ${preprocessing.size} x ${preprocessing.size} pixels, ` +
      `${config.grid.join(' x ')} cells of ${config.featureSize} numbers.`,
    `- Decoder: LSTM of ${config.hiddenSize} units, ${ATTENTION[config.attention]}, ${vocabulary.length} words.`,
    `- Search: beam ${decoding.beam}, length normalisation ${decoding.lengthNormalisation}, at most ` +
      `${decoding.maxLength} words${decoding.secondLook ? ', with test-time flip (a second look at the mirrored photo)' : ''}.`,
    ...(run?.name ? [`- Training run: ${run.name}; its configuration is in \`model.json\`.`] : []),
    '',
    ...(scores.length > 0 ? ['## Results', '', ...scores.map(([key, value]) => `- ${key}: ${String(value)}`), ''] : []),
    '## Limits and biases',
    '',
    '- It names what its training photos showed. Other things are called by the nearest word it knows, with confidence.',
    '- It guesses gender and age from clothes, hair and scene, as the people did who wrote its captions, and is often wrong.',
    '- It counts badly beyond two, and does not read text in photos.',
    '- A map shows which cells a word drew on. It is no proof of why the word was chosen.',
    '- Do not use it to identify people or to decide anything about them.',
    '',
  ];
  return lines.join('\n');
}
