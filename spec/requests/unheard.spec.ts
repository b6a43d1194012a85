import { describe, expect, jest, test } from '@jest/globals';
import { marbles } from 'codex-rx/testing';
import fc from 'fast-check';
import { map, NEVER, of, take, timer, type Observable, type Subscription } from 'rxjs';
import {
  createRequests,
  toolResult,
  type RequestPort,
  type ServerRequest,
} from '../../lib/requests/index.js';
import { ask, call, command, itemEnded, portOf, resolved, told, turnEnded } from './stage.js';

// What no subscriber and no handler looks at is not made; whoever comes sees what others would see.

const port = (send: () => Observable<never> = () => NEVER): RequestPort => portOf(send);
const ids = (all: readonly ServerRequest[]) => all.map(({ requestId }) => requestId);

/** What is pending, as a subscriber sees it that comes now. */
function pendingOf({ requests }: ReturnType<typeof createRequests>): readonly ServerRequest[] {
  let all: readonly ServerRequest[] = [];
  requests.pending$.subscribe((pending) => (all = pending)).unsubscribe();
  return all;
}

describe('requests that no subscriber has looked at', () => {
  test('are pending for the first who looks, and settle as if somebody had', () => {
    const registry = createRequests(port());
    for (const event of [call(0), command(1), call(2), resolved(1)]) registry.observe(event);
    expect(ids(pendingOf(registry))).toEqual([0, 2]);
    registry.observe(itemEnded('call 0'));
    expect(ids(pendingOf(registry))).toEqual([2]);
    registry.observe(turnEnded());
    expect(pendingOf(registry)).toEqual([]);
    expect(registry.requests.stats()).toMatchObject({
      opened: 3,
      'answered-elsewhere': 2,
      expired: 1,
    });
  });

  test('have the changes of their files, however many files came after them', () => {
    const registry = createRequests(port());
    const changes = (path: string) => [{ path, kind: { type: 'update' }, diff: '' }];
    const started = (id: string, path: string) =>
      told('item/started', {
        threadId: 't',
        item: { id, type: 'fileChange', changes: changes(path) },
      });
    registry.observe(started('i', '/a'));
    registry.observe(ask('item/fileChange/requestApproval', 0, { itemId: 'i' }));
    for (let other = 0; other < 200; other++) registry.observe(started(`j${other}`, '/b'));
    expect(pendingOf(registry)[0]).toMatchObject({ kind: 'fileChange', paths: ['/a'] });
    registry.observe(started('i', '/c'));
    expect(pendingOf(registry)[0]).toMatchObject({ kind: 'fileChange', paths: ['/c'] });
  });

  test('reach a handler that comes later, and settle for the one who answers', async () => {
    const registry = createRequests(portOf(() => of({ status: 'answered' })));
    registry.observe(call(0));
    registry.observe(call(1));
    const answered = registry.requests.answer(pendingOf(registry)[1]!, toolResult('x'));
    await expect(answered).resolves.toMatchObject({ outcome: 'answered', by: 'answer' });
    registry.requests.serve('item/tool/call', () => toolResult('y'));
    expect(registry.requests.stats()).toMatchObject({ answered: 2 });
  });

  test('are overdue in time for whoever looks from the beginning', () => {
    marbles(({ expectObservable }) => {
      const registry = createRequests(port(), 1_000);
      expectObservable(registry.requests.overdue$.pipe(map(({ requestId }) => requestId))).toBe(
        '1s 0',
        { 0: 0 },
      );
      timer(0).subscribe(() => {
        registry.observe(call(0));
      });
    });
  });

  test('are overdue at once for a subscriber that comes too late, and once', () => {
    jest.useFakeTimers();
    try {
      const registry = createRequests(port(), 60_000);
      const late: unknown[] = [];
      const listen = () =>
        registry.requests.overdue$.subscribe(({ requestId }) => late.push(requestId));
      registry.observe(call(0));
      jest.advanceTimersByTime(50_000);
      registry.observe(call(1));
      jest.advanceTimersByTime(20_000);
      listen().add(listen());
      jest.advanceTimersByTime(1);
      expect(late).toEqual([0, 0]);
      jest.advanceTimersByTime(39_000);
      expect(late).toEqual([0, 0]);
      jest.advanceTimersByTime(1_000);
      expect(late).toEqual([0, 0, 1, 1]);
    } finally {
      jest.useRealTimers();
    }
  });

  test('are shown to a new subscriber as they are, and not once more as they were', () => {
    const registry = createRequests(port());
    const { pending$, opened$ } = registry.requests;
    const seen: unknown[] = [];
    const before = pending$.subscribe();
    opened$.pipe(take(1)).subscribe(() => {
      registry.observe(call(1));
      before.unsubscribe();
      registry.observe(resolved(0));
      pending$.subscribe((now) => seen.push(ids(now)));
    });
    registry.observe(call(0));
    expect(seen).toEqual([[1]]);
  });

  const steps = fc.array(
    fc.record({
      what: fc.constantFrom('ask', 'ask', 'resolve', 'end', 'look', 'leave', 'answer'),
      id: fc.nat(5),
    }),
    { maxLength: 40 },
  );

  test('are the same as those that everybody looks at, whoever comes and goes', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const [heard, unheard] = [createRequests(port()), createRequests(port())];
        heard.requests.pending$.subscribe();
        heard.requests.opened$.subscribe();
        heard.requests.settled$.subscribe();
        heard.requests.overdue$.subscribe();
        const guests: Subscription[] = [];
        const seen: (readonly unknown[])[] = [];
        for (const { what, id } of all) {
          for (const registry of [heard, unheard]) {
            if (what === 'ask') registry.observe(call(id));
            if (what === 'resolve') registry.observe(resolved(id));
            if (what === 'end') registry.observe(itemEnded(`call ${id}`));
            if (what === 'answer') {
              const request = pendingOf(registry).find(({ requestId }) => requestId === id);
              if (request) void registry.requests.answer(request, toolResult('x'));
            }
          }
          if (what === 'look')
            guests.push(unheard.requests.pending$.subscribe((now) => seen.push(ids(now))));
          if (what === 'leave') guests.pop()?.unsubscribe();
          if (guests.length > 0) expect(seen.at(-1)).toEqual(ids(pendingOf(heard)));
        }
        const shown = (registry: typeof heard) =>
          pendingOf(registry).map((request) => ({ ...request, openedAt: 0 }));
        expect(shown(unheard)).toEqual(shown(heard));
        expect(unheard.requests.stats()).toEqual(heard.requests.stats());
        for (const registry of [heard, unheard]) registry.close();
      }),
      { numRuns: 500 },
    );
  });
});
