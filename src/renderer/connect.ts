import type { AttendClient, PageTools } from '../client/attend-client.ts';
import { BridgeClient } from '../client/bridge-client.ts';
import { HttpClient } from '../client/http-client.ts';

/** The API for this page, whichever door it came in by. Call it once. */
export function connect(): AttendClient {
  return window.attend ? new BridgeClient(window.attend, tools) : new HttpClient(tools);
}

const tools: PageTools = {
  download(url, name) {
    const link = document.createElement('a');
    link.href = url;
    link.download = name;
    document.body.append(link);
    link.click();
    link.remove();
  },
  copyText: (text) => navigator.clipboard.writeText(text),
};
