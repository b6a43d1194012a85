import { describe, expect, test } from '@jest/globals';
import {
  approvals,
  createRouter,
  ofPrefix,
  toolResult,
  type AnswerError,
  type ConnectionStatus,
} from 'codex-rx';
import { alphabet, envelope, marbles, notification, seenBy, turn } from 'codex-rx/testing';
import { map, mergeMap, of, timer } from 'rxjs';
import { accept, answers, decline } from '../../support/answers.js';

const any = ofPrefix('');

const short = (status: ConnectionStatus) => (status.state === 'open' ? status.phase : status.state);
const states = { i: 'idle', c: 'connecting', o: 'opened', r: 'ready', w: 'waiting', x: 'closed' };

describe('a stream that a diagram plays', () => {
  test('brings events to its router, its handlers and its subscribers', () => {
    marbles(({ stream, expectEnvelopes }) => {
      const source = stream('-t-i-(dd)-o-c-|');
      const events = '       -t-i-(dd)-o-c-|';
      const handler = '      -t-i-(dd)-o-c--';
      expectEnvelopes(source).toBe(events);
      expectEnvelopes(source.events$).toBe(events);
      expectEnvelopes(seenBy(source.router, any)).toBe(handler);
      expectEnvelopes(seenBy(source, any)).toBe(handler);
    });
  });

  test('brings values of a test too, and those of a list', () => {
    const a = notification('warning', { message: 'Mind the gap.' });
    const events = turn();
    marbles(({ stream, expectEnvelopes }) => {
      expectEnvelopes(stream('-t-a-|', { a })).toBe('-t-a-|', { a });
      expectEnvelopes(stream('(01234567)-|', events)).toBe('(01234567)-|', events);
    });
  });

  test('is there in the frame that somebody looks for it, and not before', () => {
    marbles(({ stream, expectEnvelopes, expectObservable }) => {
      const source = stream('t-d-d-----c-|');
      const subs = '         ----^--------';
      const events = '       ----d-----c-|';
      const status = '       i---(cor)---(x|)';
      expectObservable(source.status$.pipe(map(short))).toBe(status, states);
      expectEnvelopes(source, subs).toBe(events);
      expectEnvelopes(stream('t-d-|')).toBe('t-d-|');
    });
  });

  test('cannot be connected before ^, if there is one first', () => {
    marbles(({ stream, expectEnvelopes, expectObservable }) => {
      const source = stream('-t---^d---c-|');
      const events = '       ------d---c-|';
      const status = '       (ic)-(or)---(x|)';
      expectObservable(source.status$.pipe(map(short))).toBe(status, states);
      expectObservable(source.gaps$).toBe('------------|');
      expectEnvelopes(source).toBe(events);
    });
  });

  test('is back at once after !, unless ^ says when', () => {
    marbles(({ stream, expectEnvelopes, expectObservable }) => {
      const source = stream('-t-!d----!d-d-^------|');
      const events = '       -t--d----------------|';
      const status = '       --^(wcor)(wc)-(or)---(x|)';
      const gaps = '         ---g----------h------|';
      const gaps$ = source.gaps$.pipe(map(({ since, duration }) => [since, duration]));
      expectObservable(source.status$.pipe(map(short)), '--^').toBe(
        status.replace('^', 'r'),
        states,
      );
      expectObservable(gaps$).toBe(gaps, { g: [1, 2], h: [4, 10] });
      expectEnvelopes(source).toBe(events);
    });
  });

  test('comes back as late as its options say', () => {
    marbles(({ stream, expectEnvelopes }) => {
      const options = { random: () => 1, reconnect: { base: 3 } };
      const source = stream('-t-!-d-d-d-|', {}, options);
      const events = '       -t-----d-d-|';
      expectEnvelopes(source).toBe(events);
    });
  });

  test('gives up, if its options say so', () => {
    marbles(({ stream, expectEnvelopes }) => {
      const source = stream('-t-!-d-c-', {}, { reconnect: false });
      const events = '       -t-|';
      expectEnvelopes(source).toBe(events);
    });
  });

  test('closes itself at #, with the reason', () => {
    marbles(({ stream, expectEnvelopes, expectObservable }) => {
      const source = stream('-t---#');
      const events = '       -t---|';
      const ends = '         -----(e|)';
      const ends$ = source.status$.pipe(
        mergeMap((status) =>
          status.state === 'closed' ? [[status.reason, status.error?.code]] : [],
        ),
      );
      expectEnvelopes(source).toBe(events);
      expectObservable(ends$).toBe(ends, { e: ['failed', 401] });
      const refused = stream('^#');
      expectEnvelopes(refused).toBe('-|');
    });
  });

  test('reports what it cannot read: ?, and values that are no events', () => {
    marbles(({ stream, expectEnvelopes, expectObservable }) => {
      const source = stream('-t-?-a-b-c-|', { a: 'hello', b: null });
      const events = '       -t-------c-|';
      const malformed = '    ---j-j-o---|';
      const reasons$ = source.malformed$.pipe(map(({ reason }) => reason));
      expectEnvelopes(source).toBe(events);
      expectObservable(reasons$).toBe(malformed, { j: 'not-json', o: 'not-an-object' });
    });
  });

  test('may bring ? as a value, if the test gives it one', () => {
    marbles(({ stream, expectEnvelopes }) => {
      const values = { '?': alphabet.t };
      expectEnvelopes(stream('-?-|', values)).toBe('-?-|', values);
    });
  });

  test('gets the events of its thread alone, if it is filtered to one', () => {
    marbles(({ stream, expectEnvelopes, expectObservable }) => {
      const source = stream('-t-T-d-D-|', {}, { threadId: 'thread-2' });
      const events = '       ---T---D-|';
      expectEnvelopes(source).toBe(events);
      expectObservable(source.control$).toBe('r--------|', {
        r: { type: 'ready', threadId: 'thread-2' },
      });
    });
  });

  test('takes a router, a signal and a resync of a test', () => {
    const router = createRouter();
    const abort = new AbortController();
    marbles(({ stream, expectEnvelopes, expectObservable }) => {
      const recovered = { recovered: [alphabet.d], complete: true, error: null };
      const resync = () => timer(2).pipe(map(() => recovered));
      const source = stream('-t-!-d---c-', {}, { router, resync, signal: abort.signal });
      const handler = '      -t---d-----';
      const events = '       -t---d-|';
      const recovery = '     -----r-|';
      const recovery$ = source.gaps$.pipe(mergeMap((gap) => gap.recovery$));
      timer(7).subscribe(() => {
        abort.abort();
      });
      expectEnvelopes(seenBy(router, any)).toBe(handler);
      expectEnvelopes(source).toBe(events);
      expectObservable(recovery$).toBe(recovery, { r: recovered });
    });
  });

  test('says which option is wrong', () => {
    const run = (options: object) => () =>
      marbles(({ stream }) => {
        stream('-', {}, options);
      });
    expect(run({ roundTrip: -1 })).toThrow('"roundTrip" must be a number, 0 or more, not -1.');
    expect(run({ reply: 200 })).toThrow('"reply" must be a function.');
    expect(run({ threadId: '' })).toThrow('"threadId" must be a string that is not empty.');
  });
});

describe('the requests of such a stream', () => {
  test('open, are answered, and settle a round trip later', () => {
    marbles(({ stream, expectEnvelopes, expectObservable, expectAnswers }) => {
      const source = stream('-r--q--k------|', {}, { roundTrip: 3 });
      const opened = '       -r--q--k------|';
      const answered = '     -a--q--k-------';
      const settled = '      ----r--q--k---|';
      const { requests } = source;
      const [blue, sunny] = [answers({ color: 'Blue' }), toolResult('Sunny.')];
      requests.serve(approvals, () => accept());
      requests.serve('item/tool/requestUserInput', () => blue);
      requests.serve('item/tool/call', () => of(sunny));
      expectEnvelopes(requests.opened$.pipe(map(({ event }) => event))).toBe(opened);
      expectAnswers(source).toBe(answered, { q: blue, k: sunny });
      expectEnvelopes(requests.settled$.pipe(map(({ request }) => request.event))).toBe(settled);
      expectObservable(requests.settled$.pipe(map(({ cause }) => cause))).toBe(
        settled.replace(/[rqk]/g, 'a'),
        { a: 'accepted' },
      );
      void source.connect();
    });
  });

  test('are told apart by their ids', () => {
    marbles(({ stream, expectAnswers }) => {
      const source = stream('-r--R---|');
      const all = '          -a--d----';
      const first = '        -a-------';
      const second = '       ----d----';
      source.requests.serve(approvals, ({ threadId }) =>
        threadId === 'thread-1' ? accept() : decline(),
      );
      expectAnswers(source).toBe(all);
      expectAnswers(source, 0).toBe(first);
      expectAnswers(source, '3').toBe(second);
      void source.connect();
    });
  });

  test.each([
    ['s', accept('session')],
    ['c', { decision: 'cancel' }],
  ] as const)('are answered with every decision that codex-manager takes: %s', (letter, answer) => {
    marbles(({ stream, expectAnswers }) => {
      const source = stream('-r---|');
      source.requests.serve('item/commandExecution/requestApproval', () => answer);
      expectAnswers(source).toBe(`-${letter}----`);
      void source.connect();
    });
  });

  test('are recovered with the gap, if they are still open then', () => {
    marbles(({ stream, expectObservable, expectEnvelopes }) => {
      const source = stream('-t-!-r-k-q-s-R-^------|');
      const opened = '       ----------------(kqR)-|';
      const recovered = '    -----------------t----|';
      const recovery$ = source.gaps$.pipe(mergeMap((gap) => gap.recovery$));
      const types$ = recovery$.pipe(map((gap) => gap.recovered.map(({ type }) => type)));
      const { requests } = source;
      expectEnvelopes(requests.opened$.pipe(map(({ event }) => event))).toBe(opened);
      expectObservable(types$).toBe(recovered, {
        // That of a session which began meanwhile, too. Four lists are asked for at once.
        t: ['tool_call_requested', 'tool_user_input_requested', 'approval'],
      });
      void source.connect();
    });
  });

  test('end with their turn, at the server too', () => {
    marbles(({ stream, expectObservable }) => {
      const source = stream('-t-!-r-h-^------|');
      const recovered = '    ----------n-----|';
      const recovery$ = source.gaps$.pipe(mergeMap((gap) => gap.recovery$));
      expectObservable(recovery$.pipe(map((gap) => gap.recovered.length))).toBe(recovered, {
        n: 0,
      });
      void source.connect();
    });
  });

  test('get the answer that was decided while the connection was away, when it is back', () => {
    const errors: unknown[] = [];
    marbles(({ stream, expectAnswers }) => {
      const source = stream('-r-!-----^---|');
      const answers = '      ----------a';
      const { requests } = source;
      requests.serve(approvals, () => timer(4).pipe(map(() => accept())));
      requests.errors$.subscribe(({ cause }) => errors.push((cause as AnswerError).kind));
      expectAnswers(source).toBe(answers);
      void source.connect();
    });
    expect(errors).toEqual([]);
  });

  test.each([
    [409, 'answered-elsewhere'],
    [404, 'lost'],
  ])('settle as the reply says: %p', (status, outcome) => {
    marbles(({ stream, expectObservable }) => {
      const source = stream('-r-----|', {}, { reply: () => status });
      const settled = '      --s----|';
      const { requests } = source;
      requests.serve(approvals, () => accept());
      expectObservable(requests.settled$.pipe(map((one) => one.outcome))).toBe(settled, {
        s: outcome,
      });
      void source.connect();
    });
  });

  test('stay open while the server fails, and their handler runs no second time', () => {
    let replies = 0;
    marbles(({ stream, expectAnswers, expectObservable }) => {
      const reply = () => (replies++ < 3 ? 503 : null);
      const source = stream('-r--------|', {}, { reply });
      // Before it answers again it asks the server whether that still waits for it.
      const answers = '      -a-a-a-a---';
      const settled = '      --------s-|';
      const { requests } = source;
      requests.serve(approvals, () => accept());
      expectAnswers(source).toBe(answers);
      expectObservable(requests.settled$.pipe(map(({ outcome }) => outcome))).toBe(settled, {
        s: 'answered',
      });
      void source.connect();
    });
  });

  test('may be told by a codex-manager in its own words', () => {
    const asked = { approvalId: '7', method: 'item/fileChange/requestApproval', itemId: 'i' };
    const a = envelope('approval', asked, {
      threadId: 'thread-1',
      turnId: 'turn-1',
      requestId: '7',
    });
    const b = envelope(
      'approval_resolved',
      { approvalId: '7', status: 'expired' },
      { threadId: 'thread-1' },
    );
    marbles(({ stream, expectAnswers, expectObservable }) => {
      const source = stream('-a-----|', { a });
      const answers = '      -d------';
      const settled = '      --s----|';
      const { requests } = source;
      requests.serve(approvals, () => decline());
      expectAnswers(source, '7').toBe(answers);
      expectObservable(requests.settled$.pipe(map(({ cause }) => cause))).toBe(settled, {
        s: 'accepted',
      });
      void source.connect();
    });
    marbles(({ stream, expectObservable }) => {
      const source = stream('-t-!-a-b-^---|', { a, b });
      const recovered = '    ----------n--|';
      const recovery$ = source.gaps$.pipe(mergeMap((gap) => gap.recovery$));
      expectObservable(recovery$.pipe(map((gap) => gap.recovered.length))).toBe(recovered, {
        n: 0,
      });
      void source.connect();
    });
  });
});
