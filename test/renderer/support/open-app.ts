import { flushSync, mount, unmount } from 'svelte';
import { afterEach } from 'vitest';
import App from '../../../src/renderer/app.svelte';
import { FakeClient, type FakeOptions } from './fake-service/fake-client.ts';

let unmountLast: (() => void) | undefined;
afterEach(() => {
  close();
  // Each test opens a page of its own.
  history.replaceState(null, '', '#');
  document.body.replaceChildren();
});

/** Ends the app that was opened last; the end of a test does it as well. */
export function close(): void {
  unmountLast?.();
  unmountLast = undefined;
}

/** The app in the test's document, until the test ends. */
export async function open(
  options: FakeOptions = {},
  client = new FakeClient({ settings: { language: 'en' }, ...options }),
): Promise<FakeClient> {
  const app = mount(App, { target: document.body, props: { client } });
  unmountLast = () => void unmount(app);
  await settled();
  return client;
}

/** Lets answers arrive and be shown. */
export async function settled(): Promise<void> {
  for (let round = 0; round < 12; round++) {
    await new Promise((resolve) => setTimeout(resolve));
    flushSync();
  }
}
