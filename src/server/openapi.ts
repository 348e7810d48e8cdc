import { z } from 'zod';
import { MAP_KINDS } from '../contract/constants/map-kinds.ts';
import { CaptionedPhoto, CaptionOptions } from '../contract/data/captions.ts';
import { ModelName } from '../contract/data/models.ts';
import { Failure } from '../contract/data/failure.ts';
import { TranslateOutput } from '../contract/data/translation.ts';
import { EVENTS } from '../contract/events.ts';
import { REQUESTS } from '../contract/requests.ts';
import { packageVersion } from '../files/package-root.ts';
import { STATUS } from './http-answers.ts';

/** A number of an address, which is text there. */
const NumberInAddress = z.coerce.number({ error: 'Invalid input: expected a number' });

/** What `/v1/caption` takes beside the photo; what it does not know would be ignored without a word. */
export const CaptionQuery = z.strictObject({
  name: z.string().max(1000).default('photo').describe('What to call the photo in the answer'),
  model: ModelName.optional().describe(
    'The captioner, by its name in `models.list`, with or without its kind; left out: the one taken first',
  ),
  beam: NumberInAddress.pipe(CaptionOptions.shape.beam.unwrap()).optional().describe('Beam width; 1 is greedy'),
  alternatives: NumberInAddress.pipe(CaptionOptions.shape.alternatives.unwrap())
    .optional()
    .describe('How many further captions are wanted'),
  alternativesWithMaps: z.stringbool().optional().describe('Whether these come with their words and maps: true'),
  maps: z
    .enum(MAP_KINDS)
    .optional()
    .describe(
      'What other maps its words have beside where the model looked, weights: posterior, where it looked, given the word; mattered, what the word depends on, by a look for each cell',
    ),
  start: z.string().max(500).optional().describe('How the caption must begin'),
  language: z.string().min(2).max(35).optional().describe('The language to say the caption in, a tag'),
  wording: CaptionOptions.shape.wording.describe(
    'plain (default): as the model says it; careful: a more general word where it is not sure, the model’s own beside it',
  ),
  keywords: z.stringbool().optional().describe('Whether keywords are wanted as well: true'),
});

/** What `/v1/translate` takes. */
export const TranslateBody = REQUESTS['translate.run'].input.strict();

type Json = Record<string, unknown>;

/** The server's description after OpenAPI 3.1, made from the same schemas that check what comes in. */
export function openApi(address: string): Json {
  const paths: Json = {
    '/v1/caption': {
      post: {
        operationId: 'caption',
        summary: 'Captions one photo: its bytes in, the JSON of `attend caption --json` for one photo out.',
        parameters: queryParameters(CaptionQuery),
        requestBody: { required: true, content: { 'application/octet-stream': {}, 'image/*': {} } },
        responses: answers(CaptionedPhoto, [400, 404, 413, 415, 422, 503]),
      },
    },
    '/v1/translate': {
      post: {
        operationId: 'translate',
        summary: 'Translates a text, sentence by sentence.',
        requestBody: { required: true, content: { 'application/json': { schema: schemaOf(TranslateBody, 'input') } } },
        responses: answers(TranslateOutput, [400, 404, 413, 422, 503]),
      },
    },
    '/events': {
      get: {
        operationId: 'events',
        summary: `What happens, as server-sent events: ${Object.keys(EVENTS).join(', ')}.`,
        responses: { 200: { description: 'A stream', content: { 'text/event-stream': {} } }, ...failures([]) },
      },
    },
  };
  for (const [name, spec] of Object.entries(REQUESTS)) {
    if ('electronOnly' in spec) continue;
    const query = QUERIES[name];
    paths[`/api/${name}`] = {
      post: {
        operationId: name.replace('.', '_'),
        summary: spec.summary,
        ...(query && { parameters: queryParameters(query) }),
        requestBody: query
          ? { required: true, content: { 'application/octet-stream': {} } }
          : { content: { 'application/json': { schema: schemaOf(spec.input, 'input') } } },
        responses: answers(spec.output, [400, 404, 413, 422], 'progress' in spec ? spec.progress : undefined),
      },
    };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Attend',
      version: packageVersion(),
      description: 'Captions photos and shows where it looked, on this computer.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: address }],
    security: [{ bearer: [] }, { cookie: [] }],
    paths,
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'The token in the address that `attend serve` prints' },
        cookie: { type: 'apiKey', in: 'cookie', name: `attend-${new URL(address).port}` },
      },
      schemas: { Failure: schemaOf(z.object({ error: Failure })), ErrorCode: schemaOf(Failure.shape.code) },
    },
  };
}

/** What stands in the address of those whose body is bytes. */
const QUERIES: Readonly<Record<string, z.ZodObject>> = {
  'photos.upload': REQUESTS['photos.upload'].input.omit({ bytes: true }),
  'models.upload': REQUESTS['models.upload'].input.omit({ bytes: true }),
};

function schemaOf(schema: z.ZodType, io: 'input' | 'output' = 'output'): Json {
  const { $schema: _, ...json } = z.toJSONSchema(schema, { io, unrepresentable: 'any', target: 'draft-2020-12' });
  return json;
}

function queryParameters(schema: z.ZodObject): Json[] {
  const { properties = {}, required = [] } = schemaOf(schema, 'input') as {
    properties?: Record<string, Json>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, { description, ...rest }]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    ...(description === undefined ? {} : { description }),
    schema: rest,
  }));
}

function answers(output: z.ZodType, statuses: readonly number[], progress?: z.ZodType): Json {
  const content: Json = { 'application/json': { schema: schemaOf(output) } };
  if (progress) {
    // Asked for with `Accept: application/x-ndjson`: a line a report, the last with the output or the error.
    content['application/x-ndjson'] = {
      schema: {
        oneOf: [
          schemaOf(z.object({ progress })),
          schemaOf(z.object({ output })),
          schemaOf(z.object({ error: Failure })),
        ],
      },
    };
  }
  return { 200: { description: 'The answer', content }, ...failures(statuses) };
}

function failures(statuses: readonly number[]): Json {
  const all = [...new Set([401, 403, 500, ...statuses])].sort((a, b) => a - b);
  return Object.fromEntries(
    all.map((status) => [
      status,
      {
        description: Object.entries(STATUS)
          .filter(([, one]) => one === status)
          .map(([code]) => code)
          .join(', '),
        content: { 'application/json': { schema: { $ref: '#/components/schemas/Failure' } } },
      },
    ]),
  );
}
