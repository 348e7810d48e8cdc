import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { PYTHON, pythonHas } from '../support/python.ts';

const folder = fileURLToPath(new URL('../../scripts/torch/', import.meta.url));
const has = pythonHas('torch');

/** What a piece of Python leaves in `found`. */
const run = (code: string): unknown =>
  JSON.parse(
    execFileSync(
      PYTHON,
      ['-c', `import json, torch\nfrom counterfactual import *\n${code}\nprint(json.dumps(found))`],
      { cwd: folder, encoding: 'utf8' },
    ),
  );

// A photo of 4 x 4 cells with two things, 0 at the top left and 1 at the bottom right; one caption that names both.
const photo = `
maps = torch.zeros(1, 3, 16); maps[0, 0, 0] = 1; maps[0, 1, 15] = 1; maps[0, 2, 7] = 1
present = torch.tensor([[1.0, 0.0, 0.0]])
class batch: source = torch.tensor([0]); row = torch.zeros(3, dtype=torch.long); targets = torch.tensor([0, 1, 2])
`;

describe.skipIf(!has)('counterfactual losses', () => {
  it('ask for a margin between a word as it was said and without what it needs', () => {
    const found = run(`
own = torch.tensor([-1.0, -1.0, -1.0]); other = torch.tensor([-3.0, -1.5, -1.5])
found = hinge(own, other, torch.tensor([1.0, 1.0, 0.0]), 1.0).item()`);
    // The first is 2 nats less likely, which is enough; the second lacks half a nat; the third names nothing.
    expect(found).toBeCloseTo(0.25, 6);
  });

  it('let nothing go back to the word as it was said', () => {
    const found = run(`
own = torch.tensor([-1.0], requires_grad=True); other = torch.tensor([-1.2], requires_grad=True)
hinge(own, other, torch.ones(1), 1.0).backward()
found = [own.grad is None, other.grad.item()]`);
    expect(found).toEqual([true, 1]);
  });

  it('erase the cells where most of a thing is, with the mean colour of the photo', () => {
    const found = run(`${photo}
erasure = Erasure(maps, present, [4, 4])
pixels = torch.arange(64.0).view(1, 1, 8, 8).expand(1, 3, 8, 8)
seen = erasure.of(pixels)
found = [erasure.thing.tolist(), seen[0, 0, :6, :6].unique().tolist(), (seen[0, 0, 6:] == pixels[0, 0, 6:]).all().item(),
  erasure.share[0].tolist()]`);
    expect(found).toEqual([[0], [31.5], true, [1, 0, 0]]);
  });

  it('ask that the name of what is gone is unlikely, and that the other words stay', () => {
    const found = run(`${photo}
erasure = Erasure(maps, present, [4, 4])
p = torch.tensor([[0.5, 0.25, 0.25], [0.25, 0.5, 0.25], [0.25, 0.5, 0.25]])
own = torch.log(torch.tensor([0.5, 0.5, 0.25]))
things = torch.tensor([0, 1, -1])
found = erasure.loss(torch.log(p), own, batch, things, torch.tensor([1.0, 0.0, 0.0]), 2.0, 0).item()`);
    // The thing's name is as likely as before: the whole margin; the others cost their cross entropy.
    expect(found).toBeCloseTo(2 + (Math.log(2) + Math.log(4)) / 2, 5);
  });

  it('take words where the attention says nothing, or is dealt out to other cells', () => {
    const found = run(`
torch.manual_seed(1)
keys = torch.arange(12.0).view(2, 3, 2)
seen = []
class captioner:
    @staticmethod
    def unroll(given):
        seen.append(given[1]); return torch.zeros(2, 2), None
class batch: targets = torch.tensor([0, 1])
losses = [elsewhere(captioner, (None, keys), torch.zeros(2), batch, torch.ones(2), 1.0).item() for _ in range(20)]
rows = [row for some in seen for row in zip(some, keys)]
alike = [bool((row == 0).all()) for row, _ in rows]
dealt = [sorted(row[:, 0].tolist()) == sorted(key[:, 0].tolist()) for row, key in rows]
found = [losses[0], any(alike), not all(alike), all(a or d for a, d in zip(alike, dealt))]`);
    expect(found).toEqual([expect.closeTo(1 - Math.log(2), 5) as number, true, true, true]);
  });
});
