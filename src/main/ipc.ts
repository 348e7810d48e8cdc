import type { IpcMain, IpcMainEvent, IpcMainInvokeEvent, WebContents } from 'electron';
import { CHANNELS, type BridgeAnswer } from '../contract/bridge.ts';
import { EVENTS, type EventName } from '../contract/events.ts';
import { dispatch, type Handlers } from '../service/dispatch.ts';
import type { Emitter } from '../service/emitter.ts';
import { toAttendError } from '../service/describe-failure.ts';
import { cancelled } from '../service/describe-failure.ts';

/** What this needs of Electron. */
export interface IpcParts {
  ipc: Pick<IpcMain, 'handle' | 'on'>;
  /** The pages that are open. */
  pages: () => Iterable<Pick<WebContents, 'send' | 'isDestroyed'>>;
  /** Whether an address is one of the app's own pages. */
  isOwnPage: (address: string) => boolean;
}

type Sender = Pick<IpcMainInvokeEvent | IpcMainEvent, 'sender' | 'senderFrame'>;

/**
 * Connects the pages to the service. Only the app's own pages, in a window's main frame, are answered; every input
 * is checked by `dispatch`; errors travel as values with their codes.
 */
export function connectPages(handlers: Handlers, events: Emitter, { ipc, isOwnPage, pages }: IpcParts): void {
  /** By page and by the page's number of the request. */
  const running = new Map<string, AbortController>();
  const keyOf = ({ sender }: Sender, id: number): string => `${sender.id} ${id}`;
  const isTrusted = ({ sender, senderFrame }: Sender): boolean =>
    senderFrame !== null && senderFrame === sender.mainFrame && isOwnPage(senderFrame.url);

  ipc.handle(CHANNELS.request, async (event, id: unknown, name: unknown, input: unknown): Promise<BridgeAnswer> => {
    if (!isTrusted(event) || typeof id !== 'number' || typeof name !== 'string') {
      return { error: { code: 'forbidden', message: 'Only Attend’s own pages may ask.' } };
    }
    const controller = new AbortController();
    const key = keyOf(event, id);
    running.set(key, controller);
    const leave = (): void => controller.abort(cancelled());
    // A page that is reloaded or closed waits for nothing any more.
    event.sender.once('destroyed', leave);
    try {
      const report = (progress: unknown): void => {
        if (!event.sender.isDestroyed()) event.sender.send(CHANNELS.progress, id, progress);
      };
      return { output: await dispatch(handlers, name, input, { signal: controller.signal, report }) };
    } catch (error) {
      return { error: toAttendError(error).toJSON() };
    } finally {
      event.sender.off('destroyed', leave);
      running.delete(key);
    }
  });

  ipc.on(CHANNELS.cancel, (event, id: unknown) => {
    if (isTrusted(event) && typeof id === 'number') running.get(keyOf(event, id))?.abort(cancelled());
  });

  for (const name of Object.keys(EVENTS) as EventName[]) {
    events.subscribe(name, (event) => {
      for (const page of pages()) if (!page.isDestroyed()) page.send(CHANNELS.event, name, event);
    });
  }
}
