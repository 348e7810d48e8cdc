/**
 * The rooms of `src/`, from the ground up. A room imports only from floors below its own; rooms of one floor don't know
 * each other. A new room gets its floor here.
 */
export const FLOORS = [
  ['files', 'contract'],
  ['engine'],
  ['maps', 'photos', 'model-folders', 'native', 'tasks', 'client', 'preload'],
  ['pictures', 'translation'],
  ['captioning', 'renderer'],
  ['training', 'service'],
  ['server', 'workers'],
  ['main', 'cli', 'api'],
];

/**
 * What also runs in a browser's page: rooms, and single modules of rooms that otherwise need Node. These import nothing
 * of Node, Electron or native code, and nothing of Attend that is not in this list.
 */
export const PAGE_SAFE = [
  'contract/',
  'engine/',
  'maps/',
  'client/',
  'renderer/',
  'files/csv.ts',
  'files/xml.ts',
  'photos/passed-over.ts',
  'photos/photo-endings.ts',
];

const floorOf = new Map(FLOORS.flatMap((rooms, floor) => rooms.map((room) => [room, floor])));

/** @param {string} module a path below `src/`, with slashes */
const isPageSafe = (module) =>
  PAGE_SAFE.some((safe) => (safe.endsWith('/') ? module.startsWith(safe) : module === safe));

/**
 * Why a module may not import another, or undefined where it may.
 * @param {string} from the importing module, a path below `src/` with slashes
 * @param {string} to the imported module likewise, or the name of a package
 * @param {boolean} inSource whether `to` is a module of `src/`
 */
export function objection(from, to, inSource) {
  // A drawing that is bundled as text runs nothing.
  if (to.endsWith('.svg?raw')) return undefined;
  const room = from.split('/')[0];
  if (isPageSafe(from)) {
    if (!inSource && /^(node:|electron$|sharp$)/.test(to)) return `${from} also runs in a page, which has no ${to}.`;
    if (inSource && !isPageSafe(to)) return `${from} also runs in a page, where ${to} cannot run.`;
  }
  if (!inSource) return undefined;
  const other = to.split('/')[0];
  if (room === other) return undefined;
  for (const one of [room, other]) if (!floorOf.has(one)) return `${one} has no floor yet (scripts/imports/rooms.mjs).`;
  if (floorOf.get(other) < floorOf.get(room)) return undefined;
  return floorOf.get(other) === floorOf.get(room)
    ? `${room} and ${other} are on one floor and don't know each other: move what both need below them.`
    : `${room} is below ${other}: pass in what it needs, or move that down.`;
}
