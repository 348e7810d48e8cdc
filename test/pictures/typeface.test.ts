import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { drawText, fitText, measureText, wrapText, type TextStyle } from '../../src/pictures/typeface.ts';
import { WoffFont } from '../../src/pictures/woff.ts';

const style: TextStyle = { size: 40, weight: 600, fill: '#000000' };

/** How dark each column of a rendered line of text is. */
async function ink(text: string, width = 300): Promise<{ columns: number[]; rows: number[] }> {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="60">${drawText(text, 10, 45, style)}</svg>`;
  const pixels = await sharp(Buffer.from(svg)).flatten({ background: '#fff' }).greyscale().raw().toBuffer();
  const columns = new Array<number>(width).fill(0);
  const rows = new Array<number>(60).fill(0);
  for (const [index, value] of pixels.entries()) {
    columns[index % width]! += 255 - value;
    rows[Math.floor(index / width)]! += 255 - value;
  }
  return { columns, rows };
}

describe('drawn text', () => {
  it('consists of outlines, not of text that needs a font', () => {
    for (const text of ['a dog', 'Größe, naïve & "quoted" <87%> …', 'Žluťoučký kůň', 'Ελλάδα', 'собака', 'chó ướt']) {
      const drawn = drawText(text, 0, 0, style);
      expect(drawn).toMatch(/^<path fill="#000000" d="M[^"]+Z"\/>$/);
    }
  });

  it('fills the width it measures', async () => {
    const { columns } = await ink('HdogH');
    const first = columns.findIndex((dark) => dark > 0);
    const last = columns.findLastIndex((dark) => dark > 0);
    // H has a side bearing of about a tenth of an em at both ends.
    expect(first).toBeGreaterThanOrEqual(11);
    expect(first).toBeLessThanOrEqual(15);
    expect(Math.abs(last + 1 - (10 + measureText('HdogH', style) - (first - 10)))).toBeLessThanOrEqual(2);
  });

  it('stands on its baseline', async () => {
    const { rows } = await ink('HEH');
    expect(rows[44]).toBeGreaterThan(0);
    expect(rows[46]).toBe(0);
    // Inter's capitals are 0.727 em high.
    expect(Math.abs(rows.findIndex((dark) => dark > 0) - (45 - 0.727 * 40))).toBeLessThanOrEqual(1);
  });

  it('keeps the holes of letters open', async () => {
    const solid = (await ink('I')).columns.reduce((sum, dark) => sum + dark, 0);
    const ring = (await ink('o')).columns;
    const middle = ring.findIndex((dark) => dark > 0) + Math.round(measureText('o', style) * 0.4);
    expect(ring[middle]!).toBeLessThan(Math.max(...ring) * 0.7);
    expect(solid).toBeGreaterThan(0);
  });

  it('ends at its position when anchored at the end', () => {
    const width = measureText('87%', style);
    expect(drawText('87%', 100, 0, style, 'end')).toBe(drawText('87%', 100 - width, 0, style));
  });

  it('leaves other scripts to the fonts of the machine, escaped', () => {
    const drawn = drawText('犬 x', 0, 10, style);
    expect(drawn).toContain('>犬</text>');
    expect(drawn).toMatch(/^<path /);
    expect(measureText('犬', style)).toBe(40);
    expect(drawText('\u0001<', 0, 0, style)).toContain('>\ufffd</text>');
  });

  it('leaves room for the sign that stands for what cannot be written', () => {
    for (const character of ['\ufffd', '\u0001', '\u0085', '\ud800', '\uffff']) {
      expect([character, measureText(character, style)]).toEqual([character, style.size]);
    }
  });

  it('composes accents that come as separate characters', () => {
    expect(drawText('e\u0301', 0, 0, style)).toBe(drawText('é', 0, 0, style));
  });

  // An empty fontconfig set-up is the fresh machine; it is read once a process, hence the child.
  it.runIf(process.platform === 'linux')('is legible on a machine without fonts', () => {
    const folder = mkdtempSync(join(tmpdir(), 'attend-fonts-'));
    try {
      const config = join(folder, 'fonts.conf');
      writeFileSync(config, `<fontconfig><cachedir>${folder}</cachedir></fontconfig>`);
      const draw = (text: string, fonts: string | undefined) => {
        const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="120" height="60">${text}</svg>`;
        const script =
          'const sharp = require("sharp"); let svg = ""; process.stdin.on("data", (d) => (svg += d)).on("end", async () => ' +
          'process.stdout.write((await sharp(Buffer.from(svg)).raw().toBuffer()).toString("base64")));';
        const env = { ...process.env, ...(fonts ? { FONTCONFIG_FILE: fonts } : {}) };
        const child = spawnSync(process.execPath, ['-e', script], { input: svg, env, encoding: 'utf8' });
        expect(child.stderr).toBe('');
        return child.stdout;
      };
      const outlines = drawText('dog', 10, 45, style);
      expect(draw(outlines, config).length).toBeGreaterThan(1000);
      expect(draw(outlines, config)).toBe(draw(outlines, undefined));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('fitting text', () => {
  it('leaves text that fits and cuts text that does not', () => {
    expect(fitText('dog', style, 500)).toBe('dog');
    const cut = fitText('antidisestablishmentarianism', style, 200);
    expect(cut).toMatch(/^antid.*…$/);
    expect(measureText(cut, style)).toBeLessThanOrEqual(200);
  });

  it('wraps between words, each line within the width and none lost', () => {
    const text = 'a group of people standing on top of a snow covered mountain next to each other';
    const lines = wrapText(text, style, 400);
    expect(lines.length).toBeGreaterThan(2);
    expect(lines.join(' ')).toBe(text);
    for (const line of lines) expect(measureText(line, style)).toBeLessThanOrEqual(400);
  });

  it('makes no lines of no words', () => {
    expect(wrapText('  ', style, 100)).toEqual([]);
  });
});

it('refuses a font file of another kind', () => {
  expect(() => new WoffFont(new Uint8Array(100))).toThrow('not a WOFF 1.0 font');
});
