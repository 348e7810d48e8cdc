import { languageName } from '../../translation/languages.ts';
import {
  isConvS2S,
  isTransformer,
  type TranslatorConfig,
  type TranslatorDescription,
} from '../../translation/translator-checkpoint.ts';

/** Whose model it is, and how large. */
function origin(config: TranslatorConfig): { paper: string; shape: string } {
  if (isConvS2S(config)) {
    const { decoderLayers, encoderLayers, size, width } = config;
    const shape = `${encoderLayers} + ${decoderLayers} layers of size ${size}, convolutions over ${width} tokens`;
    return { paper: 'Gehring et al. 2017', shape };
  }
  if (isTransformer(config)) {
    const { decoderLayers, encoderLayers, feedForwardSize, heads, size } = config;
    const layers = `${encoderLayers} + ${decoderLayers} layers of size ${size}, ${heads} heads`;
    return { paper: 'Vaswani et al. 2017', shape: `${layers}, feed-forward networks of ${feedForwardSize}` };
  }
  const shape = `${config.encoder} encoder of ${config.encoderSize}, decoder of ${config.hiddenSize}`;
  return { paper: 'Bahdanau et al. 2015, Luong et al. 2015', shape };
}

/**
 * A model card from what the model itself knows; whoever ships the model adds where its data came from.
 *
 * @param vocabulary number of tokens
 * @param parameters number of weights
 */
export function translatorCard(
  name: string,
  description: TranslatorDescription,
  vocabulary: number,
  parameters: number,
  card: Record<string, unknown>,
): string {
  const { config, decoding, domain, from, title, to } = description;
  const { run, results } = card as { run?: { name?: string; engine?: string }; results?: Record<string, unknown> };
  const scores = Object.entries(results ?? {}).filter(([, value]) => typeof value !== 'object');
  const { paper, shape } = origin(config);
  const lines = [
    `# ${name}`,
    '',
    `A translator from ${languageName(from)} to ${list(to.map((code) => languageName(code)))}, trained and run by Attend.`,
    '',
    `- Model: ${title} (${paper}): ${shape}; ${(parameters / 1e6).toFixed(1)} million weights.`,
    `- Vocabulary: ${vocabulary} subwords of all languages together (byte pair encoding); no character is unknown.`,
    ...(to.length > 1 ? ['- The language is asked for by a tag before the sentence (`<2de>`).'] : []),
    `- Search: beam ${decoding.beam}, length normalisation ${decoding.lengthNormalisation}.`,
    ...(run?.name ? [`- Training run: ${run.name}; its configuration is in \`model.json\`.`] : []),
    ...(run?.engine ? [`- Trained by ${run.engine}.`] : []),
    '',
    ...(scores.length > 0 ? ['## Results', '', ...scores.map(([key, value]) => `- ${key}: ${String(value)}`), ''] : []),
    '## Limits and biases',
    '',
    ...(domain === undefined ? [] : [`- It is for ${domain} alone: of anything else it makes ${domain}.`]),
    '- It knows what its training texts speak of. Rare words, names and technical terms come out wrong, with confidence.',
    '- It sees one sentence at a time: who "it" or "they" is in the sentence before, it does not know.',
    '- Where English does not say it, it guesses gender and politeness, and follows the habits of its training texts.',
    '- The longer a sentence is, the more is left out or said twice.',
    '- An alignment shows where the model looked. It is no proof of why a word was chosen.',
    '- Do not rely on it where a mistake does harm: medicine, law, safety.',
    '',
  ];
  return lines.join('\n');
}

function list(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
