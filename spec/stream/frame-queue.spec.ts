import { beforeEach, describe, expect, test } from '@jest/globals';
import { marbles } from 'codex-rx/testing';
import { timer } from 'rxjs';
import { createFrameQueue, type FrameQueue } from '../../lib/stream/frame-queue.js';

let log: string[];
let queue: FrameQueue;
/** What the reading of a frame brings about. */
let effects: Record<string, () => void>;

const push = (...texts: string[]) => {
  for (const text of texts) queue.push(text, text.length, 1, 5);
};

beforeEach(() => {
  [log, effects] = [[], {}];
  queue = createFrameQueue((text, bytes, connection, receivedAt) => {
    expect([bytes, connection, receivedAt]).toEqual([text.length, 1, 5]);
    log.push(text);
    effects[text]?.();
  });
});

/** Runs after so many microtasks. */
async function after(microtasks: number): Promise<void> {
  for (let i = 0; i < microtasks; i++) await Promise.resolve();
}

describe('the frame queue', () => {
  test('hands frames on at once', () => {
    push('a', 'b');
    expect(log).toEqual(['a', 'b']);
  });

  test('lets promises go on first, several awaits deep, when it is told to', async () => {
    let settle = (): void => undefined;
    const settled = new Promise<void>((resolve) => {
      settle = resolve;
    });
    const inner = () => settled.then(() => log.push('then'));
    const outer = async () => {
      await inner();
      log.push('awaited');
    };
    const done = (async () => {
      await outer();
      log.push('outermost');
    })();
    effects = {
      a() {
        settle();
        queue.yield();
      },
    };
    push('a', 'b', 'c');
    expect(log).toEqual(['a']);
    await done;
    expect(log).toEqual(['a', 'then', 'awaited', 'outermost']);
    await after(20);
    expect(log.slice(4)).toEqual(['b', 'c']);
  });

  test('waits no longer than a task: what comes in the next one is read at once', async () => {
    queue.yield();
    queue.yield();
    push('a');
    await new Promise((resolve) => setImmediate(resolve));
    expect(log).toEqual(['a']);
    push('b');
    expect(log).toEqual(['a', 'b']);
  });

  test('waits again for what was read', async () => {
    effects = { a: queue.yield, b: queue.yield, c: queue.yield };
    push('a', 'b', 'c', 'd');
    for (const read of ['a', 'ab', 'abc', 'abcd']) {
      expect(log.join('')).toBe(read);
      await after(14);
    }
  });

  test('keeps the order when frames come while others are read', async () => {
    effects = {
      b: () => {
        push('d');
      },
    };
    queue.yield();
    push('a', 'b', 'c');
    await after(14);
    expect(log).toEqual(['a', 'b', 'c', 'd']);
  });

  test('hands on all that waits when it is flushed, whatever is worth waiting for', async () => {
    effects = { a: queue.yield, b: queue.yield };
    push('a', 'b', 'c');
    queue.flush();
    expect(log).toEqual(['a', 'b', 'c']);
    await after(14);
    push('d');
    expect(log).toEqual(['a', 'b', 'c', 'd']);
  });

  test('is not flushed from within', () => {
    effects = { a: queue.flush };
    queue.yield();
    push('a', 'b');
    queue.flush();
    expect(log).toEqual(['a', 'b']);
  });

  test('forgets what waits when it is cleared', async () => {
    queue.yield();
    push('a');
    queue.clear();
    await after(14);
    push('b');
    expect(log).toEqual(['b']);
  });

  test('a frame that cannot be read is not read again, and the others are', async () => {
    effects = {
      a() {
        throw new Error('boom');
      },
    };
    queue.yield();
    push('a', 'b');
    expect(queue.flush).toThrow('boom');
    queue.flush();
    expect(log).toEqual(['a', 'b']);
  });

  test('goes on in virtual time too, where no microtask comes', () => {
    marbles(() => {
      effects = { a: queue.yield };
      timer(1).subscribe(() => {
        push('a', 'b');
      });
      timer(2).subscribe(() => {
        expect(log).toEqual(['a', 'b']);
        log.push('2');
      });
    });
    expect(log).toEqual(['a', 'b', '2']);
  });
});
