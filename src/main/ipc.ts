import type { IpcMain, IpcMainEvent, IpcMainInvokeEvent, WebContents } from 'electron';
import { CHANNELS, type BridgeAnswer } from '../contract/bridge.ts';
import { EVENTS, type EventName } from '../contract/events.ts';
import type { RequestName } from '../contract/requests.ts';
import { dispatch, type Handlers } from '../service/dispatch.ts';
import type { Emitter } from '../service/emitter.ts';
import { Dragged } from './dragged-files.ts';
import { toAttendError } from '../service/describe-failure.ts';
import { cancelled } from '../service/describe-failure.ts';

/** What this needs of Electron. */
export interface IpcParts {
  ipc: Pick<IpcMain, 'handle' | 'on'>;
  /** The pages that are open. */
  pages: () => Iterable<Pick<WebContents, 'send' | 'isDestroyed'>>;
  /** Whether an address is one of the app's own pages. */
  isOwnPage: (address: string) => boolean;
  /** Drags a file out of the window. */
  drag: (page: IpcMainEvent['sender'], dragged: Dragged) => Promise<void>;
}

/** Files come by the preload's own channel, which has their paths from the system; what a page says is no path. */
const NOT_FOR_PAGES: ReadonlySet<unknown> = new Set<RequestName>(['photos.open', 'models.addFolder']);
const PAGES_NAME_NO_PATHS: BridgeAnswer = { error: { code: 'forbidden', message: 'The page names no paths.' } };

type Sender = Pick<IpcMainInvokeEvent | IpcMainEvent, 'sender' | 'senderFrame'>;

/**
 * Connects the pages to the service. Only the app's own pages, in a window's main frame, are answered; every input
 * is checked by `dispatch`; errors travel as values with their codes.
 */
export function connectPages(handlers: Handlers, events: Emitter, { drag, ipc, isOwnPage, pages }: IpcParts): void {
  /** By page and by the page's number of the request. */
  const running = new Map<string, AbortController>();
  const keyOf = ({ sender }: Sender, id: number): string => `${sender.id} ${id}`;
  const isTrusted = ({ sender, senderFrame }: Sender): boolean =>
    senderFrame !== null && senderFrame === sender.mainFrame && isOwnPage(senderFrame.url);

  const answer = async (
    event: IpcMainInvokeEvent,
    id: unknown,
    name: unknown,
    input: unknown,
  ): Promise<BridgeAnswer> => {
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
  };
  ipc.handle(CHANNELS.request, (event, id: unknown, name: unknown, input: unknown) =>
    NOT_FOR_PAGES.has(name) ? PAGES_NAME_NO_PATHS : answer(event, id, name, input),
  );
  ipc.handle(CHANNELS.addFiles, (event, id: unknown, paths: unknown) => answer(event, id, 'photos.open', { paths }));
  ipc.handle(CHANNELS.addModel, (event, id: unknown, path: unknown) => answer(event, id, 'models.addFolder', { path }));

  ipc.on(CHANNELS.cancel, (event, id: unknown) => {
    if (isTrusted(event) && typeof id === 'number') running.get(keyOf(event, id))?.abort(cancelled());
  });

  ipc.on(CHANNELS.drag, (event, wanted: unknown) => {
    const dragged = Dragged.safeParse(wanted);
    // What cannot be drawn, or is not there any more, is not dragged: there is nobody to tell.
    if (isTrusted(event) && dragged.success) void drag(event.sender, dragged.data).catch(() => undefined);
  });

  for (const name of Object.keys(EVENTS) as EventName[]) {
    events.subscribe(name, (event) => {
      for (const page of pages()) if (!page.isDestroyed()) page.send(CHANNELS.event, name, event);
    });
  }
}
