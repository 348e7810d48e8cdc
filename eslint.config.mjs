import js from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';
import imports, { svelteScripts } from './scripts/imports/eslint-plugin.mjs';

const nodeGlobals = Object.fromEntries(
  ['Buffer', 'URL', 'clearTimeout', 'console', 'fetch', 'performance', 'process', 'setTimeout'].map((name) => [
    name,
    'readonly',
  ]),
);

export default defineConfig(
  globalIgnores(['dist/', 'out/', 'release/', 'runs/', 'models/', 'assets/', '.cache/', 'coverage/']),
  { files: ['**/*.ts', '**/*.mjs'], extends: [js.configs.recommended] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'separate-type-imports' }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      // Numbers in messages are wanted; objects and undefined there are bugs.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      // Index arithmetic on typed arrays: `row[i]!` says what the loop's bounds already prove.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/non-nullable-type-assertion-style': 'off',
      // tfjs's TensorContainer takes type aliases only: an interface has no implicit index signature.
      '@typescript-eslint/consistent-type-definitions': 'off',
      '@typescript-eslint/dot-notation': ['error', { allowIndexSignaturePropertyAccess: true }],
      // Loops over indices read several arrays at once.
      '@typescript-eslint/prefer-for-of': 'off',
      // `() => stop()` is how an event handler is written.
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // An interface that must be asynchronous may have an implementation that is not.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', destructuredArrayIgnorePattern: '^_' },
      ],
      eqeqeq: 'error',
    },
  },
  {
    // The floors of the rooms, and what a page can run: scripts/imports/rooms.mjs.
    files: ['src/**/*.ts', 'src/**/*.svelte'],
    plugins: { imports },
    rules: { 'imports/floors': 'error', 'imports/no-circle': 'error' },
  },
  {
    // Of components the scripts' imports are looked at; svelte-check does the rest.
    files: ['**/*.svelte'],
    languageOptions: { parser: svelteScripts },
    linterOptions: { reportUnusedDisableDirectives: 'off' },
  },
  {
    // The engine runs in Node, in Electron and in a browser: nothing of Node in it but types.
    files: ['src/engine/**/*.ts'],
    rules: {
      'no-restricted-globals': ['error', 'process', 'Buffer', 'window', 'document', '__dirname'],
    },
  },
  {
    // Fixtures come in through JSON.parse: a wrong field fails the test by itself.
    files: ['test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/restrict-template-expressions': 'off',
    },
  },
  {
    files: ['**/*.mjs'],
    languageOptions: { globals: nodeGlobals },
  },
);
