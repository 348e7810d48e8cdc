// Draws which room of src/ imports which, as docs/architecture.svg: node scripts/architecture.mjs
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { readImportGraph } from './imports/import-graph.mjs';
import { FLOORS, PAGE_SAFE } from './imports/rooms.mjs';

export const PICTURE = join(import.meta.dirname, '../docs/architecture.svg');

const CELL = 24;
const LEFT = 128;
const TOP = 112;
const MARGIN = 12;

/** Which rooms each room imports, types included. @returns {Map<string, Set<string>>} */
function roomImports() {
  const rooms = new Map(FLOORS.flat().map((room) => [room, new Set()]));
  const roomOf = (module) => module.split('/')[0];
  for (const [module, imports] of readImportGraph()) {
    for (const to of imports) if (roomOf(to) !== roomOf(module)) rooms.get(roomOf(module))?.add(roomOf(to));
  }
  return rooms;
}

/**
 * A matrix: a row and a column for each room, the highest floor first. A dot says that the row's room imports the
 * column's. Since a room imports from below alone, all dots lie above the diagonal, outside the floors' own squares.
 * How often one imports another is not drawn, so that the picture changes where the architecture does.
 */
export function architectureSvg(imports = roomImports()) {
  const floors = [...FLOORS].reverse();
  const rooms = floors.flat();
  const at = new Map(rooms.map((room, index) => [room, index]));
  const size = rooms.length * CELL;
  const width = LEFT + size + MARGIN;
  const height = TOP + size + 44;
  const label = (room) => (PAGE_SAFE.includes(`${room}/`) ? ' class="page"' : '');
  const parts = [];
  let start = 0;
  for (const [index, floor] of floors.entries()) {
    const length = floor.length * CELL;
    const y = TOP + start * CELL;
    if (index % 2 === 0) parts.push(`<rect class="band" x="0" y="${y}" width="${width}" height="${length}"/>`);
    parts.push(`<rect class="floor" x="${LEFT + start * CELL}" y="${y}" width="${length}" height="${length}"/>`);
    start += floor.length;
  }
  for (let line = 0; line <= rooms.length; line++) {
    const offset = line * CELL;
    parts.push(`<path class="grid" d="M${LEFT} ${TOP + offset}h${size}M${LEFT + offset} ${TOP}v${size}"/>`);
  }
  for (const [room, index] of at) {
    const middle = index * CELL + CELL / 2;
    parts.push(`<text${label(room)} x="${LEFT - 10}" y="${TOP + middle + 4}" text-anchor="end">${room}</text>`);
    const [x, y] = [LEFT + middle + 4, TOP - 8];
    parts.push(`<text${label(room)} transform="translate(${x} ${y}) rotate(-90)">${room}</text>`);
    for (const to of rooms.filter((one) => imports.get(room)?.has(one))) {
      const column = LEFT + at.get(to) * CELL + CELL / 2;
      parts.push(`<circle cx="${column}" cy="${TOP + middle}" r="5"><title>${room} imports ${to}</title></circle>`);
    }
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" font-family="system-ui, sans-serif" font-size="13">
<title>Which room of src/ imports which</title>
<style>
svg { color-scheme: light dark; }
text { fill: #1b1b1c; } .page { font-weight: 700; }
.back { fill: #fff; } .band { fill: #f1f1ef; } .floor { fill: #d9d9d5; } .grid { stroke: #c9c9c4; stroke-width: .5; fill: none; }
circle { fill: #2a5fa8; }
@media (prefers-color-scheme: dark) {
text { fill: #ececec; }
.back { fill: #161617; } .band { fill: #202022; } .floor { fill: #3a3a3d; } .grid { stroke: #4a4a4e; }
circle { fill: #8ab4f0; }
}
</style>
<rect class="back" width="${width}" height="${height}"/>
${parts.join('\n')}
<text x="12" y="${TOP + size + 20}">A dot: the row’s room imports the column’s. Grey squares: the rooms of one floor.</text>
<text x="12" y="${TOP + size + 37}">Bold: all of the room runs in a page as well as in Node.</text>
</svg>
`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) writeFileSync(PICTURE, architectureSvg());
