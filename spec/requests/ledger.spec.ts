import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { requestEvent } from '../../lib/requests/index.js';
import { createLedger } from '../../lib/requests/ledger.js';
import { identityOf } from '../../lib/requests/server-request.js';

const eventOf = (id: number) =>
  requestEvent('item/tool/call', id, 't', { turnId: 'u', callId: `c${id}` }, '');

const identity = (id: number) => identityOf(eventOf(id));

const entryOf = (id: number) => ({
  announced: { key: `key ${id}`, threadId: id % 2 ? 't' : null },
  identity: identity(id),
  seen: 0,
});

type Step = readonly [kind: 'add' | 'see' | 'end' | 'note' | 'forget' | 'interrupt', id: number];

const steps = fc.array(
  fc.tuple(
    fc.constantFrom<Step[0]>('add', 'add', 'see', 'end', 'note', 'forget', 'interrupt'),
    fc.nat(8),
  ),
  { maxLength: 80 },
);

describe('a ledger, whatever happens in whatever order,', () => {
  test('knows what is open and what has ended, and orders it by a counter that only grows', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const ledger = createLedger<ReturnType<typeof entryOf>>();
        /** The same, kept the slow way: every step has a number. */
        const open = new Map<number, { seen: number }>();
        const ended = new Set<number>();
        const noted = new Map<number, number>();
        let interrupted = 0;
        let clock = 0;
        for (const [kind, id] of all) {
          const before = ledger.revision();
          const entry = ledger.get(identity(id));
          expect(entry !== undefined).toBe(open.has(id));
          if (kind === 'add' && !entry) {
            ledger.add(entryOf(id));
            open.set(id, { seen: ++clock });
          } else if (kind === 'see' && entry) {
            ledger.observe(entry);
            open.set(id, { seen: ++clock });
          } else if (kind === 'end') {
            expect(ledger.end(entry ?? entryOf(id), 'answered')).toBe(open.delete(id));
            if (entry) ended.add(id);
          } else if (kind === 'note') {
            ledger.noteEnd(id);
            noted.set(id, ++clock);
          } else if (kind === 'forget') {
            ledger.forget(identity(id));
            ended.delete(id);
          } else if (kind === 'interrupt') {
            ledger.interrupt();
            interrupted = clock;
          }
          expect(ledger.revision()).toBeGreaterThanOrEqual(before);
          expect(ledger.revision()).toBe(clock);
        }
        expect(ledger.open().length).toBe(open.size);
        for (const [id, { seen }] of open) {
          const entry = ledger.get(identity(id));
          expect(entry?.seen).toBe(seen);
          expect(ledger.byKey(`key ${id}`)).toBe(entry);
          expect(ledger.isOfConnection(entry!)).toBe(seen > interrupted);
        }
        for (const threadId of ['t', null]) {
          const ofThread = ledger.open().filter(({ announced }) => announced.threadId === threadId);
          expect(ledger.ofThread(threadId)).toEqual(ofThread);
        }
        for (let id = 0; id <= 8; id++) {
          expect(ledger.outcomeOf(identity(id)) !== undefined).toBe(ended.has(id));
          for (let since = 0; since <= clock; since++) {
            expect(ledger.hasEndedSince(since, id)).toBe((noted.get(id) ?? 0) > since);
          }
        }
        for (let since = 0; since <= clock; since++) {
          const unseen = [...open.values()].filter(({ seen }) => seen <= since);
          expect(ledger.unseenSince(since)).toHaveLength(unseen.length);
        }
      }),
      { numRuns: 500 },
    );
  });
});
