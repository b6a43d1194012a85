import { describe, expect, it } from '@jest/globals';
import { notification } from 'codex-rx/testing';
import fc from 'fast-check';
import { chainLength, createChain } from '../../lib/nats/chain.js';
import { createRing } from '../../lib/nats/ring.js';
import { toEnvelope } from '../../lib/envelope/index.js';
import { appServerFrames, managerFrames } from '../recordings/index.js';

const events = (texts: readonly string[]) =>
  texts.map((delta) => notification('item/agentMessage/delta', { threadId: 't', delta }));

const bounds = { age: 60_000, events: 1_000, size: 2 ** 20 };

describe('a standby', () => {
  it('finds its place wherever it began, or says that it cannot', () => {
    fc.assert(
      fc.property(
        // Few different texts: runs repeat.
        fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 40, maxLength: 120 }),
        fc.nat({ max: 20 }),
        fc.nat({ max: 60 }),
        (texts, began, length) => {
          const all = events(texts);
          const [leader, standby] = [createChain(''), createChain('')];
          const ring = createRing(bounds);
          const stored = all
            .slice(0, began + chainLength + length)
            .map((event) => leader.add(event));
          for (const event of all.slice(began)) ring.push(standby.add(event));
          const behind = ring.behind(stored.at(-1)?.chain ?? '');
          if (behind !== null) {
            expect(behind.map(({ event }) => event)).toEqual(all.slice(stored.length));
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  it('finds it in what differs', () => {
    const all = events(Array.from({ length: 100 }, (_, n) => String(n)));
    const [leader, standby] = [createChain(''), createChain('')];
    const ring = createRing(bounds);
    const stored = all.slice(0, 50).map((event) => leader.add(event));
    for (const event of all.slice(20)) ring.push(standby.add(event));
    expect(ring.behind(stored.at(-1)?.chain ?? '')?.map(({ event }) => event)).toEqual(
      all.slice(50),
    );
  });

  it.each([
    ['codex-manager', managerFrames],
    ['codex app-server', appServerFrames],
  ])('finds it almost wherever a recording of %s is broken off, and never another', (_, frames) => {
    const connections = new Set(frames.map(({ file, sock }) => `${file} ${sock}`));
    let [places, unknown] = [0, 0];
    for (const connection of connections) {
      const recorded = frames.filter(({ file, sock }) => `${file} ${sock}` === connection);
      const all = recorded.map(({ frame }) => {
        const { method } = frame;
        return method === undefined
          ? toEnvelope(frame)
          : notification(method as never, frame['params'] as never);
      });
      const [leader, standby] = [createChain(''), createChain('')];
      const ring = createRing(bounds);
      for (const event of all) ring.push(standby.add(event));
      for (const [index, event] of all.entries()) {
        const { chain } = leader.add(event);
        if (chain === null) continue;
        places++;
        const behind = ring.behind(chain);
        // Where the limits of an account came 16 times in a row, a place is like another.
        if (behind === null) unknown++;
        else expect(behind).toHaveLength(all.length - index - 1);
      }
    }
    expect(places).toBeGreaterThan(200);
    expect(unknown / places).toBeLessThan(0.1);
  });

  it('keeps no more than its bounds', () => {
    const chain = createChain('');
    const all = events(Array.from({ length: 100 }, (_, n) => String(n))).map((event) =>
      chain.add(event),
    );
    const few = createRing({ ...bounds, events: 10 });
    const small = createRing({ ...bounds, size: (all[0]?.size ?? 0) * 5 });
    for (const linked of all) {
      few.push(linked);
      small.push(linked);
    }
    expect(few.all()).toHaveLength(10);
    expect(small.all().length).toBeLessThan(6);
    expect(small.all().at(-1)?.event).toBe(all.at(-1)?.event);
  });

  it('has no place before 16 events, after a gap, or with another seed', () => {
    const all = events(Array.from({ length: 40 }, (_, n) => String(n)));
    const [one, other] = [createChain('one'), createChain('other')];
    expect(all.slice(0, 15).map((event) => one.add(event).chain)).toEqual(Array(15).fill(null));
    expect(one.add(all[15] as never).chain).not.toBeNull();
    one.reset();
    expect(one.add(all[16] as never).chain).toBeNull();
    for (const event of all.slice(0, 16)) other.add(event);
    const again = createChain('one');
    for (const event of all.slice(0, 16)) again.add(event);
    expect(again.last()).not.toBe(other.last());
  });
});
