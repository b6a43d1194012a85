import { describe, expect, test } from '@jest/globals';
import type { Recovery } from 'codex-rx';
import { createPosition, type GatewayGreeting } from '../../lib/manager/position.js';

const greeting = (seq: number, more: Partial<GatewayGreeting> = {}): GatewayGreeting => ({
  epoch: 'e',
  seq,
  answers: true,
  replay: null,
  ...more,
});

const replay = (from: number) => ({ complete: true, reason: null, from });

describe('the position in the log of a gateway', () => {
  test('asks for numbers at first, and then for what follows the last one', () => {
    const position = createPosition();
    expect(position.after()).toBe('');
    position.begin(greeting(7));
    expect(position.after()).toBe('e:7');
    position.advance(9);
    expect(position.after()).toBe('e:9');
  });

  test('reads each number once; a frame without one is always new', () => {
    const position = createPosition();
    position.begin(greeting(7));
    expect([8, 8, 7, undefined, 9].map((seq) => position.advance(seq))).toEqual([
      true,
      false,
      false,
      true,
      true,
    ]);
    expect(position.context()).toEqual({ seq: 9 });
    position.advance(undefined);
    expect(position.context()).toBeNull();
  });

  test('knows no numbers of a server that greets without them', () => {
    const position = createPosition();
    position.begin(greeting(7));
    position.begin(null);
    expect([position.after(), position.replay(), position.advance(1)]).toEqual(['', null, true]);
  });

  test('says that a replay is over when its last number was read, or passed', async () => {
    const position = createPosition();
    position.begin(greeting(5, { replay: replay(4) }));
    expect(position.replay()).toEqual({ events: 2, complete: true, reason: null });
    const recoveries: Recovery[] = [];
    position.replayed(2).subscribe((recovery) => recoveries.push(recovery));
    position.advance(4);
    await Promise.resolve();
    expect(recoveries).toEqual([]);
    position.advance(5);
    await Promise.resolve();
    expect(recoveries).toMatchObject([{ complete: true, replayed: 2, restarted: false }]);
  });

  test('is not whole after a gap of the source of which no end was heard, and then is', () => {
    const position = createPosition();
    position.begin(greeting(5));
    position.isWhole = false;
    position.begin(greeting(5, { replay: replay(6) }));
    expect(position.replay()).toEqual({ events: 0, complete: false, reason: 'source' });
    position.begin(greeting(5, { replay: replay(6) }));
    expect(position.replay()).toMatchObject({ complete: true });
  });
});
