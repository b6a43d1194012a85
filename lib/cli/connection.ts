import type { ConnectionStatus } from '../socket/index.js';
import type { CodexStream } from '../stream/index.js';

type Closed = Extract<ConnectionStatus, { readonly state: 'closed' }>;

/** Connects. Resolves with `null`, or with why the first attempt failed. */
export const firstAttempt = (stream: CodexStream): Promise<string | null> =>
  new Promise((resolve) => {
    stream.status$.subscribe((status) => {
      if (status.state === 'open' && status.phase === 'ready') resolve(null);
      else if (status.state === 'waiting') resolve(status.error.message);
      else if (status.state === 'closed') resolve(status.error?.message ?? status.reason);
    });
    void stream.connect();
  });

/** Resolves when the stream is closed. */
export const closed = (stream: CodexStream): Promise<Closed> =>
  new Promise((resolve) => {
    stream.status$.subscribe((status) => {
      if (status.state === 'closed') resolve(status);
    });
  });
