import { describe, expect, test } from '@jest/globals';
import { envelope } from 'codex-rx/testing';
import { BoundedQueue, type Waiting } from '../../lib/router/bounded-queue.js';

const context = { threadId: null, connection: 0, reconnects: 0, receivedAt: 0 };
const item = (type: string | null): Waiting => ({
  value: null,
  envelope: type === null ? null : envelope(type),
  context,
});
const [delta, other, unknown] = [item('delta'), item('other'), item(null)];
const [approval, started] = [item('approval'), item('item.started')];

function queueOf(...items: readonly Waiting[]): BoundedQueue {
  const queue = new BoundedQueue();
  for (const item of items) queue.push(item);
  return queue;
}

function drain(queue: BoundedQueue): readonly Waiting[] {
  const items: Waiting[] = [];
  for (let item = queue.shift(); item !== undefined; item = queue.shift()) items.push(item);
  return items;
}

describe('WaitingQueue', () => {
  test('keeps the order, of what may be dropped and what may not', () => {
    const items = [delta, approval, other, unknown, started, item('delta')];
    const queue = queueOf(...items);
    expect(queue.length).toBe(6);
    expect(drain(queue)).toEqual(items);
    expect(queue.length).toBe(0);
  });

  test('drops the oldest that may go, and says so', () => {
    const queue = queueOf(approval, delta, other);
    expect(queue.pushOver(unknown, 'drop-oldest')).toBe(true);
    expect(drain(queue)).toEqual([approval, other, unknown]);
  });

  test('still knows the oldest that may go when one that may not has left before it', () => {
    const queue = queueOf(approval, delta, other);
    expect(queue.shift()).toBe(approval);
    expect(queue.pushOver(unknown, 'drop-oldest')).toBe(true);
    expect(drain(queue)).toEqual([other, unknown]);
  });

  test('drops the newest if it may go, and says so', () => {
    const queue = queueOf(approval, delta, other);
    expect(queue.pushOver(unknown, 'drop-newest')).toBe(true);
    expect(drain(queue)).toEqual([approval, delta, other]);
  });

  test.each(['drop-oldest', 'drop-newest'] as const)(
    'with %s drops another one for what may not go',
    (overflow) => {
      const queue = queueOf(delta, other);
      expect(queue.pushOver(approval, overflow)).toBe(true);
      expect(drain(queue)).toEqual([other, approval]);
    },
  );

  test.each(['drop-oldest', 'drop-newest'] as const)(
    'with %s grows for what may not go if nothing may',
    (overflow) => {
      const queue = queueOf(approval);
      expect(queue.pushOver(started, overflow)).toBe(false);
      expect(queue.pushOver(delta, overflow)).toBe(true);
      expect(drain(queue)).toEqual([approval, started]);
    },
  );

  test('is as fast at the end of a long queue as at its beginning', () => {
    const queue = new BoundedQueue();
    for (let pushed = 0; pushed < 200_000; pushed++) queue.push(item('delta'));
    const before = performance.now();
    while (queue.shift() !== undefined);
    expect(performance.now() - before).toBeLessThan(1_500);
  });

  test('is empty when it was cleared', () => {
    const queue = queueOf(approval, delta);
    queue.clear();
    expect(queue.length).toBe(0);
    expect(drain(queue)).toEqual([]);
    queue.push(other);
    expect(drain(queue)).toEqual([other]);
  });
});
