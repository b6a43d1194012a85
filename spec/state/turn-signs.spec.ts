import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { Subscription } from 'rxjs';
import { watchSigns } from '../../lib/state/turn-signs.js';

beforeEach(() => {
  jest.useFakeTimers();
});

afterEach(() => {
  jest.useRealTimers();
});

const hour = 3_600_000;

test.each([-hour, 0, hour])(
  'a silence is as long as it is, though the clock is set by %i ms meanwhile',
  (offset) => {
    const lifetime = new Subscription();
    const stalled = jest.fn();
    const signs = watchSigns(lifetime, 30_000, { excused: () => false, stalled, left: jest.fn() });
    signs.alive();
    jest.advanceTimersByTime(10_000);
    signs.alive();
    jest.setSystemTime(Date.now() + offset);
    jest.advanceTimersByTime(29_999);
    expect(stalled).not.toHaveBeenCalled();
    jest.advanceTimersByTime(1);
    expect(stalled).toHaveBeenCalledTimes(1);
    jest.advanceTimersByTime(60_000);
    expect(stalled).toHaveBeenCalledTimes(3);
    lifetime.unsubscribe();
  },
);
