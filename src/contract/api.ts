import type { EventName, EventOf } from './events.ts';
import type { Input, Output, Progress, RequestName } from './requests.ts';

export interface RequestControl<Name extends RequestName> {
  /** Aborting cancels at once, also what is running; the request rejects with `cancelled`. */
  signal?: AbortSignal;
  /** Called for each report of a request that has `progress`. */
  onProgress?: (progress: Progress<Name>) => void;
}

/** The one API that all doors offer. Requests reject with an `AttendError`. */
export interface AttendApi {
  request<Name extends RequestName>(
    name: Name,
    input: Input<Name>,
    control?: RequestControl<Name>,
  ): Promise<Output<Name>>;
  /** @returns a function that ends the subscription */
  subscribe<Name extends EventName>(name: Name, listener: (event: EventOf<Name>) => void): () => void;
}
