import type { ConnectionStatus } from '../socket/index.js';
import type { CodexStream } from '../stream/index.js';

type Closed = Extract<ConnectionStatus, { readonly state: 'closed' }>;

/** Connects: `null`, or why the first attempt failed. A later loss is another matter. */
export const firstAttempt = (stream: CodexStream): Promise<string | null> =>
  new Promise((resolve) => {
    stream.status$.subscribe((status) => {
      if (status.state === 'open' && status.phase === 'ready') resolve(null);
      else if (status.state === 'waiting') resolve(status.error.message);
      else if (status.state === 'closed') resolve(status.error?.message ?? status.reason);
    });
    void stream.connect();
  });

/** How the stream was closed, when it is. */
export const end = (stream: CodexStream): Promise<Closed> =>
  new Promise((resolve) => {
    stream.status$.subscribe((status) => {
      if (status.state === 'closed') resolve(status);
    });
  });
