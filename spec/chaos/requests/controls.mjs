// Deliberate bugs in what is done about requests. The audit must find each of them, and say what it is.
//
// `finds` is the kind of violation that must be told, and `source` the only one that has the bug, if not
// both. `transport` and `fetch` are below the stream, `stream` is above it, and `handler` around each
// handler: see client.mjs. `repeats`: whether each request is told twice, so that there is something to be
// found.

import { ofAppServerRequest } from 'codex-rx';
import { filter } from 'rxjs';

/** Changes the requests in what a server sends. */
const telling = (change) => ({
  transport: (openTransport) => (request, events) =>
    openTransport(request, {
      ...events,
      text(text, ...rest) {
        const frame = JSON.parse(text);
        const { method, params } = frame.payload ?? frame;
        const isRequest =
          params !== undefined && /Approval|requestUserInput|tool\/call/.test(method);
        if (isRequest) change(params);
        const { details } = frame.payload ?? {};
        if (details) change(details);
        events.text(isRequest || details ? JSON.stringify(frame) : text, ...rest);
      },
    }),
});

/** Changes the answers that a client sends, by REST or on its socket. */
export const answering = (change) => ({
  fetch: (fetch) => (url, request) =>
    request.method === 'POST'
      ? change((body) => fetch(url, { ...request, body }), request.body)
      : fetch(url, request),
  transport: (openTransport) => (request, events) => {
    const link = openTransport(request, events);
    const send = (text) => void change(link.send, text);
    return {
      ...link,
      send: (text) => ('result' in JSON.parse(text) ? send(text) : link.send(text)),
    };
  },
});

/** Changes the lists of what is pending. */
export const listing = (change) => ({
  source: 'manager',
  fetch: (fetch) => async (url, request) => {
    const response = await fetch(url, request);
    if (request.method === 'POST' || response.status !== 200) return response;
    const body = await response.json();
    return { status: 200, json: async () => change(url, body) };
  },
});

export const withRequests = (change) => ({
  stream: (stream, random) => {
    const { requests } = stream;
    return { ...stream, requests: { ...requests, ...change(requests, random, stream) } };
  },
});

let copies = 0;

export const requestControls = {
  /** Each event of a request is handled, whoever sent it before. */
  'handled-on-every-event': {
    finds: 'handler',
    repeats: true,
    ...withRequests((requests, random, stream) => ({
      serve: (matcher, handler) =>
        stream.events$.pipe(ofAppServerRequest()).subscribe(async ({ payload }) => {
          const { signal } = new AbortController();
          const context = { signal, because: () => undefined };
          try {
            await handler({ ...payload, answerable: true }, context);
          } catch {
            // As planned.
          }
        }),
    })),
  },
  /** Each copy of a request is taken for another. */
  'every-copy-is-another': {
    finds: 'opened',
    ...telling((params) => (params.approvalId = `copy ${copies++}`)),
  },
  /** A request is known by its id alone. */
  'known-by-the-bare-id': {
    finds: 'forgotten',
    source: 'manager',
    ...telling(forgetIds),
    ...listing((url, body) => {
      for (const { details } of body.data ?? []) forgetIds(details);
      return body;
    }),
  },
  /** An answer that was taken is sent again. */
  'answered-twice': {
    finds: 'twice',
    ...answering(async (send, text) => {
      const response = await send(text);
      await send(text);
      return response;
    }),
  },
  /** A refusal becomes an approval on its way. */
  'changed-on-the-way': {
    finds: 'carried',
    ...answering((send, text) => send(text.replace('"decline"', '"accept"'))),
  },
  /** What no handler answers is approved. */
  'approved-by-default': {
    finds: 'approved',
    handler: (handle) => (request, context) => handle(request, context) ?? { decision: 'accept' },
  },
  /** A settlement is not told now and then. */
  'hidden-end': {
    finds: 'ends',
    source: 'manager',
    ...withRequests(({ settled$ }, random) => ({
      settled$: settled$.pipe(filter(() => !random.chance(0.2))),
    })),
  },
  /** Nothing is ever listed. */
  'empty-lists': {
    finds: 'forgotten',
    ...listing(() => ({ data: [] })),
  },
  /** Answers go nowhere. */
  'answers-swallowed': {
    finds: 'stuck',
    source: 'app-server',
    ...answering(() => undefined),
  },
  /** No handler is told that its request is settled. */
  'never-aborted': {
    finds: 'abort',
    source: 'manager',
    handler: (handle) => (request, context) =>
      handle(request, { ...context, signal: new AbortController().signal }),
  },
  /** Somebody counts wrong. */
  miscounted: {
    finds: 'count',
    source: 'manager',
    ...withRequests(({ stats }) => ({
      stats: () => ({ ...stats(), answered: stats().answered + 1 }),
    })),
  },
};

/** What is left is the id of the request. */
function forgetIds(params) {
  for (const id of ['threadId', 'turnId', 'itemId', 'callId', 'approvalId']) params[id] = id;
}
