import tseslint from 'typescript-eslint';
import { moduleOf, readImportGraph, resolveImport, scriptsOf, wayBetween } from './import-graph.mjs';
import { objection } from './rooms.mjs';

/** The import graph, read again when it is older than a lint run of one file: editors keep ESLint for hours. */
let graph;
let readAt = 0;
function importGraph() {
  if (!graph || performance.now() - readAt > 10_000) graph = readImportGraph();
  readAt = performance.now();
  return graph;
}

/** A rule that looks at each import of a module of `src/`, of whatever kind. */
function importRule(description, complain) {
  return {
    meta: { type: 'problem', docs: { description }, schema: [] },
    create(context) {
      const from = moduleOf(context.filename);
      if (from === undefined) return {};
      const check = ({ source }) => {
        if (typeof source?.value !== 'string') return;
        const message = complain(from, source.value);
        if (message !== undefined) context.report({ node: source, message });
      };
      return {
        ImportDeclaration: check,
        ExportNamedDeclaration: check,
        ExportAllDeclaration: check,
        ImportExpression: check,
        TSImportType: check,
      };
    },
  };
}

export default {
  meta: { name: 'imports' },
  rules: {
    floors: importRule('Rooms import only from floors below their own', (from, specifier) => {
      const to = resolveImport(from, specifier);
      return objection(from, to ?? specifier, to !== undefined);
    }),
    'no-circle': importRule('No module imports itself by way of others, types included', (from, specifier) => {
      const to = resolveImport(from, specifier);
      const way = to === undefined ? undefined : wayBetween(importGraph(), to, from);
      return way && `An import circle: ${[from, ...way].join(' > ')}.`;
    }),
  },
};

/** Parses the scripts of a Svelte component: enough for rules about imports. */
export const svelteScripts = {
  meta: { name: 'svelte-scripts' },
  parseForESLint: (text, options) =>
    tseslint.parser.parseForESLint(scriptsOf(text), { ...options, filePath: `${options.filePath}.ts` }),
};
