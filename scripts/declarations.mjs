import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, normalize, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const IMPORTED = /((?:from|import)\s*\(?\s*['"])(\.{1,2}\/[^'"]+)\.ts(['"])/g;

/**
 * Writes the types of the library (`import … from 'attend'`): the declarations that `src/api/index.ts` leads to, and none
 * of what only its code needs.
 *
 * @param {string} outdir relative to the package
 * @returns {Promise<number>} how many files
 */
export async function writeDeclarations(outdir) {
  const { default: ts } = await import('typescript');
  const entry = join(root, 'src/api/index.ts');
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), (file) => ts.sys.readFile(file));
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root);
  // `npm run typecheck` has looked for mistakes.
  Object.assign(options, { noEmit: false, noCheck: true, declaration: true, emitDeclarationOnly: true });
  Object.assign(options, { incremental: false, tsBuildInfoFile: undefined, stripInternal: true });
  Object.assign(options, { rootDir: join(root, 'src'), outDir: '/' });

  /** @type {Map<string, string>} by path below `src` */
  const declarations = new Map();
  ts.createProgram([entry], options).emit(undefined, (file, text) => declarations.set(relative('/', file), text));

  const needed = new Set(['api/index.d.ts']);
  for (const file of needed) {
    const text = declarations.get(file);
    if (text === undefined) throw new Error(`${file} has no declarations.`);
    for (const [, , module] of text.matchAll(IMPORTED)) needed.add(normalize(join(dirname(file), `${module}.d.ts`)));
    const target = join(root, outdir, file);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, text.replaceAll(IMPORTED, '$1$2.js$3'));
  }
  return needed.size;
}
