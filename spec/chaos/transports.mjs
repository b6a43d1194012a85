// Transports that are worse than the library's own.

import { timer } from 'rxjs';

/** The library's own, as it is. */
export const sound = (openTransport) => openTransport;

/**
 * Breaks its word: goes on to tell for a while after it was abandoned, at which nobody may listen
 * any more. A connection that was half-open may well live again by then.
 */
export const talkative = (openTransport, random) => (request, events) => {
  const link = openTransport(request, events);
  return {
    ...link,
    abandon() {
      timer(random.between(0, 600)).subscribe(() => link.abandon());
    },
  };
};
