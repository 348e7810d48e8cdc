#!/usr/bin/env node
// Writes a captions file in which one photo in ten of one source is kept from training, and the rest of that source has a
// split of its own, so that a configuration can weigh it (`repeat`) and `attend evaluate` can score what was kept:
//
//     node scripts/hold-out.mjs captions.jsonl --source coco --with boxes.jsonl > with-held-out.jsonl
//
// Photos whose "source" begins with the name get the split NAME-held-out or NAME; other lines stay as they are. Those
// that the file of `--with` names are kept first (their boxes can then be asked about photos that nobody trained on), the
// others at even distances, the same each time.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { source: { type: 'string' }, with: { type: 'string' }, every: { type: 'string', default: '10' } },
});
const [captions] = positionals;
const every = Number(values.every);
if (!captions || !values.source || !(every >= 2)) {
  console.error('Usage: node scripts/hold-out.mjs CAPTIONS.jsonl --source NAME [--with FILE.jsonl] [--every 10]');
  process.exit(2);
}

const photos = linesOf(captions);
const ofSource = photos.filter(({ source }) => typeof source === 'string' && source.startsWith(values.source));
const first = new Set(values.with ? linesOf(values.with).map(({ file }) => file) : []);
const wanted = Math.round(ofSource.length / every);
const held = new Set(ofSource.filter(({ file }) => first.has(file)).slice(0, wanted));
const others = ofSource.filter((photo) => !held.has(photo));
const missing = wanted - held.size;
for (let i = 0; i < missing; i++) held.add(others[Math.floor(((i + 0.5) * others.length) / missing)]);

const chosen = new Set(ofSource);
for (const photo of photos) {
  const split = chosen.has(photo) ? `${values.source}${held.has(photo) ? '-held-out' : ''}` : photo.split;
  process.stdout.write(`${JSON.stringify(split === undefined ? photo : { ...photo, split })}\n`);
}
console.error(`${held.size} of ${ofSource.length} photos are held out as ${values.source}-held-out.`);

function linesOf(path) {
  const lines = readFileSync(path, 'utf8').split('\n');
  return lines.filter((line) => line.trim() !== '').map((line) => JSON.parse(line));
}
