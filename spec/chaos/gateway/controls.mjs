// The gateway as it is, and with a deliberate bug each, which the audit must find.

import { memoryLog } from 'codex-rx/gateway';

/** What a bug replaces. */
export const sound = {
  wrapLog: (log) => log,
  wrapEvents: (events) => events,
  askUrl: (url) => url,
  feedOutlives: true,
  renewLog: (log) => log,
};

/** A log without the frames of some types. */
const without = (types) => (log) =>
  withMembers(log, {
    append(record) {
      if (!types.includes(record.type)) log.append(record);
    },
  });

/** The same log with other members; what is a getter stays one. */
const withMembers = (log, members) => Object.create(log, Object.getOwnPropertyDescriptors(members));

/** Events as a client gets them, after a change to their text; `null` drops one. */
const changed = (change) => () => (events) => {
  const state = {};
  return {
    ...events,
    text(text, bytes, at) {
      for (const one of change(text, state)) events.text(one, bytes, at);
    },
  };
};

const seqOf = (text) => Number(/,"seq":(\d+)\}$/.exec(text)?.[1] ?? 0);
const targetOf = (text) => Number(/"seq":(\d+),"first"/.exec(text)?.[1] ?? 0);
const isReady = (text) => text.startsWith('{"type":"ready"');

export const gatewayControls = {
  'a replay from one before': {
    finds: 'twice',
    askUrl: (url) =>
      url.replace(/(after=[\w-]+:)(\d+)/, (_, head, seq) => head + Math.max(0, seq - 1)),
  },
  'live after the replay': {
    finds: 'lost',
    // What comes while it is replayed is not kept.
    wrapEvents: changed((text, state) => {
      if (isReady(text)) Object.assign(state, { target: targetOf(text), lost: 0 });
      const isFirstLive = state.target > 0 && seqOf(text) > state.target && state.lost++ < 3;
      return isFirstLive ? [] : [text];
    })(),
  },
  'live before the replay': {
    finds: 'lost',
    wrapEvents: changed((text, state) => {
      if (isReady(text)) Object.assign(state, { target: targetOf(text), held: [] });
      const seq = seqOf(text);
      if (seq > 0 && seq <= state.target) {
        state.held.push(text);
        return [];
      }
      return seq > state.target ? [text, ...state.held.splice(0)] : [text];
    })(),
  },
  'a feed that ends with the server': {
    finds: 'lost',
    feedOutlives: false,
    wrapLog: without(['gateway.gap', 'gateway.recovered']),
  },
  'no word of a gap of the source': {
    finds: 'lost',
    wrapLog: without(['gateway.gap', 'gateway.recovered']),
  },
  'pongs without a number': {
    finds: 'false gap',
    logEvents: 300,
    wrapEvents: changed((text) => [text.replace(/^(\{"type":"pong"),"seq":\d+/, '$1')])(),
  },
  'the epoch of a log that is lost': {
    finds: 'false gap',
    renewLog: (log, events) => withMembers(memoryLog({ events }), { epoch: log.epoch }),
  },
};
