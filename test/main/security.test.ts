import { describe, expect, it } from 'vitest';
import { isProjectAddress, LINKS, lockDown, refusePermissions } from '../../src/main/security.ts';

describe('security', () => {
  /** What `lockDown` does with the events of a page. */
  function page(): { fire: (name: string, url: string) => boolean; open: (url: string) => string; outside: string[] } {
    const listeners = new Map<string, (event: { preventDefault: () => void; url: string }) => void>();
    let openHandler: ((details: { url: string }) => { action: string }) | undefined;
    const outside: string[] = [];
    const contents = {
      on: (name: string, listener: never) => void listeners.set(name, listener),
      setWindowOpenHandler: (handler: never) => void (openHandler = handler),
    };
    const app = { on: (_name: string, created: (event: object, contents: object) => void) => created({}, contents) };
    lockDown(app as never, {
      isOwnPage: (address) => address.startsWith('app://attend/'),
      openOutside: (address) => void outside.push(address),
    });
    return {
      fire(name, url) {
        let isPrevented = false;
        listeners.get(name)!({ preventDefault: () => (isPrevented = true), url });
        return isPrevented;
      },
      open: (url) => openHandler!({ url }).action,
      outside,
    };
  }

  it.each(['will-navigate', 'will-redirect', 'will-frame-navigate'])('keeps pages where they are: %s', (name) => {
    expect(page().fire(name, 'https://example.com/')).toBe(true);
    expect(page().fire(name, 'file:///etc/passwd')).toBe(true);
    expect(page().fire(name, 'app://attend/index.html')).toBe(false);
  });

  it('lets no page embed another', () => {
    expect(page().fire('will-attach-webview', 'app://attend/index.html')).toBe(true);
  });

  it('opens no window, and outside nothing but the project’s own links', () => {
    const { open, outside } = page();
    for (const url of ['https://example.com/', 'file:///etc/passwd', 'app://attend/index.html', LINKS.paper]) {
      expect(open(url)).toBe('deny');
    }
    expect(outside).toEqual([LINKS.paper]);
    expect(isProjectAddress(`${LINKS.paper}/../../evil`)).toBe(false);
  });

  it('refuses every permission', () => {
    const answers: boolean[] = [];
    refusePermissions({
      setPermissionRequestHandler: (handler: (a: unknown, b: string, answer: (granted: boolean) => void) => void) =>
        handler({}, 'media', (granted) => answers.push(granted)),
      setPermissionCheckHandler: (handler: () => boolean) => answers.push(handler()),
      setDevicePermissionHandler: (handler: () => boolean) => answers.push(handler()),
    });
    expect(answers).toEqual([false, false, false]);
  });
});
