// Deliberate bugs. The audit must find each of them, and say what it is.
//
// `finds` is the kind of violation that must be told, `transport`, `delivery` and `stream` are where
// the bug is: see client.mjs.

import { filter, timer } from 'rxjs';

const isEvent = (text) => text.includes('"payload":{"socket":');

/** Wraps what links tell the stream: `text` gets each event, and the way to tell it. */
const tellingBy = (text) => (openTransport, random) => (request, events) => {
  const told = text(random, (frame, bytes) => events.text(frame, bytes));
  return openTransport(request, {
    ...events,
    text: (frame, bytes) => (isEvent(frame) ? told : events.text)(frame, bytes),
  });
};

export const controls = {
  /** A link that was given up is heard as if it were the current one. */
  'no-epoch-check': {
    finds: 'foreign',
    transport(openTransport) {
      let newest = null;
      return (request, events) => {
        newest = events;
        const link = openTransport(request, {
          ...events,
          text: (...frame) => newest.text(...frame),
          ended: (end) => newest === events && events.ended(end),
        });
        return { ...link, abandon: () => timer(1_000).subscribe(() => link.abandon()) };
      };
    },
  },
  /** A frame is dropped now and then. */
  'lost-frame': {
    finds: 'hole',
    delivery: tellingBy((random, tell) => (...frame) => {
      if (!random.chance(0.02)) tell(...frame);
    }),
  },
  /** Two frames come in the wrong order now and then. */
  swapped: {
    finds: 'disorder',
    delivery: tellingBy((random, tell) => {
      let held = null;
      return (...frame) => {
        if (held === null && random.chance(0.02)) {
          held = frame;
          return;
        }
        tell(...frame);
        if (held !== null) tell(...held);
        held = null;
      };
    }),
  },
  /** A frame comes twice now and then. */
  twice: {
    finds: 'duplicate',
    delivery: tellingBy((random, tell) => (...frame) => {
      tell(...frame);
      if (random.chance(0.02)) tell(...frame);
    }),
  },
  /** A reconnection is not announced now and then. */
  'no-gap': {
    finds: 'gap',
    stream: (stream, random) => ({
      ...stream,
      gaps$: stream.gaps$.pipe(filter(() => !random.chance(0.5))),
    }),
  },
  /** The stream goes from open to connecting. */
  'no-waiting': {
    finds: 'status',
    stream: (stream) => ({
      ...stream,
      status$: stream.status$.pipe(filter(({ state }) => state !== 'waiting')),
    }),
  },
  /** An error of the socket is nobody's now and then. */
  'stray-rejection': {
    finds: 'process',
    transport: (openTransport, random) => (request, events) =>
      openTransport(request, {
        ...events,
        ended(end) {
          if (random.chance(0.5)) void Promise.reject(new Error(`stray: ${end.kind}`));
          events.ended(end);
        },
      }),
  },
  /** Sockets that were given up are not let go. */
  leak: {
    finds: 'leak',
    // Each of them goes on to be sent to.
    cuts: 2,
    transport: (openTransport) => (request, events) => {
      let isLeft = false;
      const unlessLeft = (tell) => (what, bytes, excerpt) => isLeft || tell(what, bytes, excerpt);
      const link = openTransport(
        request,
        Object.fromEntries(Object.entries(events).map(([name, tell]) => [name, unlessLeft(tell)])),
      );
      return { ...link, abandon: () => (isLeft = true) };
    },
  },
  /** What was told is kept for ever. */
  hoard: {
    finds: 'heap',
    delivery(openTransport) {
      const kept = [];
      return (request, events) =>
        openTransport(request, {
          ...events,
          text(text, bytes) {
            kept.push(new Array(20_000).fill(text));
            events.text(text, bytes);
          },
        });
    },
  },
};
