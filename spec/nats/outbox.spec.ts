import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { BehaviorSubject } from 'rxjs';
import { createOutbox, type Numbered, type Outbox, type Wire } from '../../lib/nats/outbox.js';
import type { Outgoing, Position } from '../../lib/nats/message.js';

const message = (text: string): Outgoing => ({
  subject: text,
  payload: new TextEncoder().encode(text),
  headers: {},
  durable: true,
  parts: 0,
  events: 1,
});

/** A stream that keeps its promises as JetStream does: expected sequences, and duplicates by id. */
function fakeStream(faults: () => 'none' | 'lost' | 'unheard') {
  const stored: Numbered[] = [];
  const connected = new BehaviorSubject(true);
  const wire: Wire = {
    connected$: connected,
    async publish(next, expected) {
      const fault = faults();
      if (fault === 'lost') throw new Error('lost on the way');
      if (expected !== stored.length) throw new Error('wrong last sequence');
      stored.push(next);
      const seq = stored.length;
      await Promise.resolve();
      if (fault === 'unheard') throw new Error('the reply was lost');
      return { seq, duplicate: false };
    },
    position(): Promise<Position> {
      const last = stored.at(-1);
      const { term = 0, number = 0 } = last ?? {};
      return Promise.resolve({ last: stored.length, term, number });
    },
  };
  return { wire, stored, connected };
}

const settings = { window: 4, bound: 1_000, maxBytes: 2 ** 20 };

const events = (own: Partial<Parameters<typeof createOutbox>[2]> = {}) => ({
  stored: () => undefined,
  fenced: () => undefined,
  displaced: () => undefined,
  failed: () => undefined,
  ...own,
});

async function emptied(outbox: Outbox): Promise<void> {
  while (outbox.state().queued > 0) await new Promise((resolve) => setTimeout(resolve, 1));
}

describe('an outbox', () => {
  it('stores everything once and in order, whatever is lost on the way', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('none', 'none', 'none', 'lost', 'unheard'), { maxLength: 8 }),
        fc.integer({ min: 1, max: 30 }),
        async (faults, count) => {
          const left = [...faults];
          const stream = fakeStream(() => left.shift() ?? 'none');
          let last = 0;
          const stored = (_: unknown, seq: number) => (last = Math.max(last, seq));
          const outbox = createOutbox(stream.wire, settings, events({ stored }));
          outbox.start(1, 0);
          const texts = Array.from({ length: count }, (_, n) => String(n));
          for (const text of texts) outbox.push(message(text));
          await emptied(outbox);
          outbox.stop();
          expect(stream.stored.map(({ subject }) => subject)).toEqual(texts);
          expect(last).toBe(count);
        },
      ),
      { numRuns: 15 },
    );
  });

  it('keeps the order when what was stored makes more to store', async () => {
    const stream = fakeStream(() => 'none');
    const more = ['b', 'c', 'd'];
    const outbox: Outbox = createOutbox(
      stream.wire,
      settings,
      events({
        stored() {
          for (const text of more.splice(0)) outbox.push(message(text));
        },
      }),
    );
    outbox.start(1, 0);
    outbox.push(message('a'));
    await emptied(outbox);
    expect(stream.stored.map(({ subject }) => subject)).toEqual(['a', 'b', 'c', 'd']);
  });

  it('publishes nothing while there is no connection, and all of it later', async () => {
    const stream = fakeStream(() => 'none');
    const outbox = createOutbox(stream.wire, settings, events());
    outbox.start(1, 0);
    stream.connected.next(false);
    for (const text of ['a', 'b', 'c']) outbox.push(message(text));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(stream.stored).toEqual([]);
    stream.connected.next(true);
    await emptied(outbox);
    outbox.stop();
    expect(stream.stored.map(({ subject }) => subject)).toEqual(['a', 'b', 'c']);
  });

  it('stops when another publisher has taken over', async () => {
    const stream = fakeStream(() => 'none');
    let isFenced = false;
    const outbox: Outbox = createOutbox(
      stream.wire,
      settings,
      events({
        fenced() {
          isFenced = true;
          outbox.stop();
        },
      }),
    );
    outbox.start(1, 0);
    outbox.push(message('mine'));
    await emptied(outbox);
    stream.stored.push({ ...message('theirs'), term: 2, number: 1 });
    outbox.push(message('late'));
    while (!isFenced as boolean) await new Promise((resolve) => setTimeout(resolve, 1));
    expect(stream.stored.map(({ subject }) => subject)).toEqual(['mine', 'theirs']);
  });

  it('says that a former leader has stored more before its own first message', async () => {
    const stream = fakeStream(() => 'none');
    let isDisplaced = false;
    const outbox = createOutbox(
      stream.wire,
      settings,
      events({ displaced: () => (isDisplaced = true) as never }),
    );
    outbox.start(2, 0);
    stream.stored.push({ ...message('former'), term: 1, number: 1 });
    outbox.push(message('mine'));
    while (!isDisplaced as boolean) await new Promise((resolve) => setTimeout(resolve, 1));
    outbox.stop();
    expect(stream.stored.map(({ subject }) => subject)).toEqual(['former']);
  });

  it('keeps what waits over a pause, and stores it under the next term', async () => {
    const stream = fakeStream(() => 'none');
    const outbox = createOutbox(stream.wire, settings, events());
    outbox.start(1, 0);
    outbox.push(message('a'));
    await emptied(outbox);
    outbox.pause();
    outbox.push(message('b'));
    outbox.start(5, stream.stored.length);
    await emptied(outbox);
    outbox.stop();
    expect(stream.stored.map(({ subject, term }) => [subject, term])).toEqual([
      ['a', 1],
      ['b', 1],
    ]);
  });
});
