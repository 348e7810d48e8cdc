import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const root = fileURLToPath(new URL('..', import.meta.url));

/** What makes the tagger's words of a compressed list whenever it is loaded, and takes two thirds of that time. */
const MODEL = /compromise[\\/]src[\\/]2-two[\\/]preTagger[\\/]model[\\/]index\.js$/;
const MADE = [
  [
    `import { lexicon, switches, frozenLex } from './lexicon/index.js'`,
    'const lexicon = {}, switches = {}, frozenLex = {}',
  ],
  ['model = expandLexicon(model)', ''],
];

/** @type {import('esbuild').Plugin} */
const expanded = {
  name: 'expanded',
  setup(build) {
    build.onLoad({ filter: MODEL }, ({ path }) => ({
      contents: MADE.reduce(
        (text, [from, to]) => {
          if (!text.includes(from)) throw new Error(`${path} is no longer what scripts/tagger.mjs knows.`);
          return text.replace(from, to);
        },
        readFileSync(path, 'utf8'),
      ),
    }));
  },
};

/**
 * The tagger (`compromise`) as one CommonJS file with its words as they are once it is loaded, which takes a third of the time.
 *
 * @param {string} outdir relative to the package
 * @returns {import('esbuild').BuildOptions}
 */
export function taggerForNode(outdir) {
  const { one, two } = require('compromise').model();
  const { _multiCache, frozenLex, lexicon } = one;
  const { switches, uncountable } = two;
  const words = JSON.stringify({ one: { _multiCache, frozenLex, lexicon }, two: { switches, uncountable } });
  return {
    absWorkingDir: root,
    stdin: {
      contents: [
        `import nlp from './node_modules/compromise/src/three.js';`,
        `const { one, two } = JSON.parse(${JSON.stringify(words)});`,
        `Object.assign(nlp.model().one, one);`,
        `Object.assign(nlp.model().two, two);`,
        `module.exports = nlp;`,
      ].join('\n'),
      resolveDir: root,
    },
    outfile: `${outdir}/workers/tagger.cjs`,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20.19',
    plugins: [expanded],
    minify: true,
    charset: 'utf8',
    legalComments: 'none',
    logLevel: 'warning',
  };
}
