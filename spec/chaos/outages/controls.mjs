// Deliberate bugs that an outage, a restart behind a hung socket or a clock that is set brings to light.
// The audit must find each of them: see requests/controls.mjs for what the members mean.

import { answering, listing, withRequests } from '../requests/controls.mjs';

/** How long answers go nowhere after an outage was noticed, in ms of real time. */
const longer = 3_000;

export const outageControls = {
  /** Attempts count while the network is away: the answer is given up. */
  'given-up-in-an-outage': {
    finds: 'lost',
    source: 'manager',
    fetch(fetch) {
      let awayUntil = 0;
      return async (url, request) => {
        if (request.method === 'POST' && performance.now() < awayUntil) throw new Error('away');
        try {
          return await fetch(url, request);
        } catch (error) {
          awayUntil = performance.now() + longer;
          throw error;
        }
      };
    },
  },
  /** A hung connection counts as a sign of life. */
  'trusted-behind-a-hung-socket': {
    finds: 'misdirected',
    source: 'manager',
    outage: 'restarted behind it',
    transport: (openTransport) => (request, events) => {
      const link = openTransport(request, events);
      return {
        ...link,
        send(text) {
          if (JSON.parse(text).type !== 'ping') return link.send(text);
          setTimeout(() => events.text('{"type":"pong"}', 15));
          return true;
        },
      };
    },
  },
  /** Handlers are asked again, once the stream is back. */
  'asked-again-after-an-outage': {
    finds: 'handler',
    ...withRequests((requests, _random, stream) => ({
      serve(matcher, handler, options) {
        const asked = [];
        const { signal } = new AbortController();
        const again = async (request) => handler(request, { signal, because: () => undefined });
        stream.gaps$.subscribe(() => {
          for (const request of asked) again(request).catch(() => undefined);
        });
        const remember = (request, context) => {
          asked.push(request);
          return handler(request, context);
        };
        return requests.serve(matcher, remember, options);
      },
    })),
  },
  /** What was pending before an outage stays pending. */
  'pending-after-an-outage': {
    finds: 'left',
    ...listing(
      ((lists) => (url, body) => {
        const data = [...(lists.get(url) ?? []), ...(body.data ?? [])];
        lists.set(url, data);
        return { data };
      })(new Map()),
    ),
  },
  /** What was asked before the newest request by the clock of the server is over. */
  'pending-by-the-clock': {
    finds: 'forgotten',
    ...listing(
      ((newest) => (url, body) => {
        const data = body.data?.filter(({ createdAt = '' }) => createdAt >= newest);
        for (const { createdAt = '' } of body.data ?? []) {
          if (createdAt > newest) newest = createdAt;
        }
        return { ...body, data };
      })(''),
    ),
  },
  /** What was decided before the last answer by the clock of the client is old. */
  'answers-by-the-clock': {
    finds: 'lost',
    source: 'app-server',
    ...answering(
      ((last) => (send, text) => {
        if (Date.now() < last) return undefined;
        last = Date.now();
        return send(text);
      })(-Infinity),
    ),
  },
};
