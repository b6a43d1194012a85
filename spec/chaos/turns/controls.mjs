// Deliberate bugs in what is done about turns. The audit must find each of them, and say what it is.
//
// `finds` is the kind of violation that must be told, `source` the only one that has the bug, if not
// both. `stream` is below the turns, and `turn` around each: see client.mjs. `world` is what its server
// does (see world.mjs), `losses` what is lost on the way: so that there is something to be found.

import { forThread, ofAppServer } from 'codex-rx';
import { defer, filter, firstValueFrom, lastValueFrom, map, merge, NEVER } from 'rxjs';

const by = (status) => ({ status, by: 'event', certain: true, delivered: true, error: null });

/** Changes how turns end. */
const ending = (change) => ({
  turn: (turn, context) => ({
    ...turn,
    get turnId() {
      return turn.turnId;
    },
    ended: change(turn.ended, { ...context, turn }),
  }),
});

/** Ends with an event, or as it should, whichever comes first. */
const endingWith = (event, statusOf) =>
  ending((ended, { stream, threadId, turn }) => {
    const events$ = stream.events$.pipe(forThread(threadId), ofAppServer(event), map(statusOf));
    const early$ = events$.pipe(filter((status) => status !== null && turn.turnId !== null));
    return firstValueFrom(merge(early$.pipe(map(by)), ended));
  });

async function firstWordOf({ view$ }) {
  const { items } = await lastValueFrom(view$);
  return items.find(({ kind }) => kind === 'agentMessage')?.text ?? null;
}

export const turnControls = {
  /** A turn ends with the idle of its thread. */
  'idle-is-the-end': {
    finds: 'false-end',
    world: { failures: 1 },
    ...endingWith('thread/status/changed', ({ payload }) =>
      payload.params.status.type === 'active' ? null : 'completed',
    ),
  },
  /** What a server has accepted counts as delivered. */
  'accepted-is-delivered': {
    finds: 'delivered',
    source: 'app-server',
    meddles: 1,
    world: { failures: 0, isLost: () => true },
    turn: (turn) => ({
      ...turn,
      get turnId() {
        return turn.turnId;
      },
      steer: async (text) => {
        const { delivered, error } = await turn.steer(text);
        return { delivered: error ? delivered : true, error };
      },
    }),
  },
  /** Nothing is read after a gap. */
  'gaps-are-not-read': {
    finds: 'hang',
    quiet: 1e9,
    losses: { ends: 0, statuses: 1 },
    stream: (stream) => ({ ...stream, gaps$: NEVER }),
  },
  /** Nothing is read after a silence. */
  'silence-is-not-read': {
    finds: 'hang',
    quiet: 1e9,
    isCalm: true,
    losses: { ends: 1, statuses: 1 },
  },
  /** Who subscribes sends again. */
  'sends-again': {
    finds: 'twice',
    turn: (turn, { begin }) => ({
      ...turn,
      get turnId() {
        return turn.turnId;
      },
      view$: defer(() => begin().view$),
    }),
  },
  /** What a manager reads is believed. */
  'all-is-certain': {
    finds: 'false-end',
    source: 'manager',
    world: { failures: 1 },
    losses: { ends: 1, statuses: 0, errors: 1 },
    ...ending((ended) => ended.then((outcome) => ({ ...outcome, certain: true }))),
  },
  /** What the agent says first is taken for its answer. */
  'first-word-is-the-answer': {
    finds: 'answer',
    source: 'app-server',
    world: { failures: 0 },
    turn: (turn) => ({
      ...turn,
      get turnId() {
        return turn.turnId;
      },
      answer: firstWordOf(turn),
    }),
  },
  /** A failure rejects. */
  rejects: {
    finds: 'rejection',
    world: { failures: 1 },
    ...ending(async (ended) => {
      const outcome = await ended;
      if (outcome.status === 'failed') throw new Error('it failed');
      return outcome;
    }),
  },
  /** A gap is the end. */
  'gap-is-the-end': {
    finds: 'gave-up',
    ...ending((ended, { stream }) => {
      const lost = { ...by('incomplete'), by: 'gap', certain: false, delivered: null };
      return firstValueFrom(merge(stream.gaps$.pipe(map(() => lost)), ended));
    }),
  },
};
