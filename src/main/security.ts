import type { App, Session, WebContents } from 'electron';

/**
 * Pages stay where they are: no other address, no second window, no embedded browser, no permission for anything.
 * @param openOutside opens an address in the system's browser; it gets the project's own addresses only
 */
export function lockDown(
  app: Pick<App, 'on'>,
  { isOwnPage, openOutside }: { isOwnPage: (address: string) => boolean; openOutside: (address: string) => void },
): void {
  app.on('web-contents-created', (_event, contents: WebContents) => {
    const stay = (event: { preventDefault(): void; url: string }): void => {
      // A reload (while developing) is no journey.
      if (!isOwnPage(event.url)) event.preventDefault();
    };
    contents.on('will-navigate', stay);
    contents.on('will-redirect', stay);
    contents.on('will-frame-navigate', stay);
    contents.on('will-attach-webview', (event) => event.preventDefault());
    contents.setWindowOpenHandler(({ url }) => {
      if (isProjectAddress(url)) openOutside(url);
      return { action: 'deny' };
    });
  });
}

/** Camera, location, notifications and the rest: Attend needs none of them. */
export function refusePermissions(
  session: Pick<Session, 'setPermissionRequestHandler' | 'setPermissionCheckHandler' | 'setDevicePermissionHandler'>,
): void {
  session.setPermissionRequestHandler((_contents, _permission, answer) => answer(false));
  session.setPermissionCheckHandler(() => false);
  session.setDevicePermissionHandler(() => false);
}

/** The addresses that the menus and pages link to. */
export const LINKS = {
  paper: 'https://arxiv.org/abs/1502.03044',
} as const;

export function isProjectAddress(address: string): boolean {
  return (Object.values(LINKS) as string[]).includes(address);
}
