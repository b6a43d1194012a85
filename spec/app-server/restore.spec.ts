import { describe, expect, test } from '@jest/globals';
import { marbles } from 'codex-rx/testing';
import { asyncScheduler, defer, from, of, Subject, throwError, timer, type Observable } from 'rxjs';
import { CallError } from '../../lib/app-server/call-error.js';
import { restoring, type RestoreSettings } from '../../lib/app-server/restore.js';
import { createThreads, type Request } from '../../lib/app-server/threads.js';
import type { Recovery } from '../../lib/requests/index.js';
import type { Gap, Resync } from '../../lib/stream/index.js';
import { recover } from '../../lib/stream/resync.js';

const gap = {} as Gap;
const { signal } = new AbortController();
const list = 'thread/loaded/list';
const overloaded = new CallError('refused', list, 'overloaded', false, -32001);

interface Stage {
  readonly log: unknown[];
  readonly lost: Subject<unknown>;
  restore(settings?: Partial<RestoreSettings>): void;
}

/** Restores the thread `t` in virtual time: what happened, and when. */
function play(request: Request, script: (stage: Stage) => void): unknown[] {
  const entries: unknown[] = [];
  marbles(() => {
    const log = { push: (...entry: unknown[]) => entries.push([asyncScheduler.now(), ...entry]) };
    const lost = new Subject();
    const threads = createThreads();
    threads.called('thread/start', {}, { thread: { id: 't' } });
    const requests = {
      restarted() {
        log.push('forget');
      },
      dropUnseen(resumed: ReadonlySet<string | null>) {
        log.push('settle', [...resumed]);
      },
    };
    script({
      log: entries,
      lost,
      restore(settings) {
        const resync = restoring({
          request: (method, params) => {
            log.push(method);
            return request(method, params);
          },
          threads,
          requests,
          callTimeout: 100,
          random: () => 1,
          lost$: lost,
          resync: null,
          begin: () => log.push('begin'),
          done: () => log.push('done'),
          ...settings,
        });
        recover(resync, gap, lost).subscribe((recovery) => log.push(recovery));
      },
    });
  });
  return entries;
}

const knows =
  (data: unknown, resumed: () => Observable<unknown> = () => of({})): Request =>
  (method) =>
    method === list ? of({ data }) : resumed();

const own: Recovery = { recovered: [], complete: true, error: null, restarted: false };

describe('what is restored', () => {
  test('threads first, then calls may be sent; after a while what was not asked again is settled', () => {
    const log = play(knows(['t']), ({ restore }) => {
      timer(7).subscribe(() => {
        restore();
      });
    });
    expect(log).toEqual([
      [7, 'begin'],
      [7, list],
      [7, 'thread/resume'],
      [7, 'done'],
      [7, own],
      [2_007, 'settle', ['t']],
    ]);
  });

  test('a server that began anew is forgotten at once, before it can ask anything', () => {
    expect(play(knows([]), ({ restore }) => restore())).toEqual([
      [0, 'begin'],
      [0, list],
      [0, 'forget'],
      [0, 'thread/resume'],
      [0, 'done'],
      [0, { ...own, restarted: true }],
    ]);
  });

  test('of a thread that cannot be resumed nothing is settled', () => {
    const error = new Error('not found');
    const log = play(
      knows(['t'], () => throwError(() => error)),
      ({ restore }) => restore(),
    );
    expect(log.slice(3)).toEqual([
      [0, 'done'],
      [0, { ...own, complete: false, error }],
      [2_000, 'settle', []],
    ]);
  });

  test('nothing is settled if the connection is lost before the server could ask again', () => {
    const log = play(knows(['t']), ({ restore, lost }) => {
      restore();
      timer(1_999).subscribe(lost);
    });
    expect(log.at(-1)).toEqual([0, own]);
  });

  test('a server that does not answer is not waited for without end', () => {
    const log = play(
      () => new Subject(),
      ({ restore }) => restore(),
    );
    expect(log).toEqual([
      [0, 'begin'],
      [0, list],
      [100, 'thread/resume'],
      [200, 'done'],
      [
        200,
        {
          ...own,
          complete: false,
          restarted: null,
          error: expect.objectContaining({ kind: 'timeout', method: 'thread/resume' }),
        },
      ],
      [2_200, 'settle', []],
    ]);
  });

  test('a server that is too busy is asked again, later and later', () => {
    let refusals = 3;
    const log = play(
      (method) =>
        defer(() => (refusals-- > 0 ? throwError(() => overloaded) : knows(['t'])(method, {}))),
      ({ restore }) => restore(),
    );
    expect(log.slice(1, 4)).toEqual([
      [0, list],
      [1_400, 'thread/resume'],
      [1_400, 'done'],
    ]);
  });

  test('then the resync of the caller’s own runs, and adds what it learned', () => {
    const event = { type: 'x', threadId: null, turnId: null, requestId: null, payload: null };
    const boom = new Error('boom');
    const given: unknown[] = [];
    const resync: Resync = (...args) => {
      given.push(args);
      return from([{ recovered: [event], complete: false, error: boom }]);
    };
    const log = play(knows(['t']), ({ restore }) => restore({ resync }));
    expect(log.slice(3, 5)).toEqual([
      [0, 'done'],
      [0, { recovered: [event], complete: false, error: boom, restarted: false }],
    ]);
    expect(given).toEqual([[gap, expect.any(AbortSignal)]]);
    expect(signal.aborted).toBe(false);
  });

  test('its own error comes before that of the caller’s own', () => {
    const error = new Error('mine');
    const request = knows(['t'], () => throwError(() => error));
    const theirs = { recovered: [], complete: true, error: new Error('theirs') };
    const log = play(request, ({ restore }) => restore({ resync: () => theirs }));
    expect(log[4]).toEqual([0, { ...own, complete: false, error }]);
  });
});
