import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { filesOfSecondInstance, parseCommandLine, problemOf } from '../../src/main/command-line.ts';

describe('the command line', () => {
  const at = (path: string): string => resolve('/home', path);

  it.each<[string[], boolean, object]>([
    [['attend', 'a.jpg', '/b.png'], true, { files: [at('a.jpg'), resolve('/b.png')] }],
    [['electron', '.', 'a.jpg'], false, { files: [at('a.jpg')] }],
    // Electron's own switches may stand before the app's folder.
    [['electron', '--no-sandbox', '.', 'a.jpg'], false, { files: [at('a.jpg')] }],
    [['electron', '.'], false, { files: [] }],
    [['attend', '--no-sandbox', 'a.jpg', '--disable-gpu'], true, { files: [at('a.jpg')] }],
    [['attend', '--', '-odd.jpg', '--model=b'], true, { files: [at('-odd.jpg'), at('--model=b')] }],
    [['attend'], true, { files: [] }],
    [['attend', ''], true, { files: [] }],
    [
      ['attend', '--model=x', 'a.jpg', '--translator=y=z'],
      true,
      { files: [at('a.jpg')], model: 'x', translator: 'y=z' },
    ],
    [['attend', '-m', 'x', 'a.jpg', '--translator', 'y'], true, { files: [at('a.jpg')], model: 'x', translator: 'y' }],
    [['attend', '--translator'], true, { files: [], incomplete: '--translator' }],
    [['attend', '--model='], true, { files: [], incomplete: '--model' }],
    [['attend', '--model', '--no-sandbox'], true, { files: [], incomplete: '--model' }],
    [['attend', '--models=x', '--constructor=y'], true, { files: [] }],
  ])('%j', (argv, isPackaged, expected) => {
    expect(parseCommandLine(argv, isPackaged, '/home')).toEqual(expected);
  });

  it.each<[object, RegExp | undefined]>([
    [{}, undefined],
    [{ model: 'nowhere' }, /There is no model "nowhere"/],
    [{ translator: 'nowhere' }, /There is no model "nowhere"/],
    [{ translator: 'translator-everyday' }, undefined],
    [{ incomplete: '-m' }, /^-m needs a folder or a name, as in "-m=NAME"\.$/],
  ])('has this wrong with it: %j', async (line, problem) => {
    const said = await problemOf({ files: [], ...line });
    if (problem) expect(said).toMatch(problem);
    else expect(said).toBeUndefined();
  });

  it.each<[unknown, string[]]>([
    [{ files: ['/a.jpg'] }, ['/a.jpg']],
    [{ files: [''] }, []],
    [{ files: [1] }, []],
    ['/a.jpg', []],
    [null, []],
  ])('of a second start: %j', (handed, files) => {
    expect(filesOfSecondInstance(handed)).toEqual(files);
  });
});
