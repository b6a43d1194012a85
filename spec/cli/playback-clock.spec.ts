import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { createPlaybackClock, type PlaybackClock } from '../../lib/cli/playback-clock.js';

let clock: PlaybackClock;
let log: string[];

/** Notes the time of the clock when an action runs. */
const note = (name: string, delay: number) =>
  clock.schedule(() => {
    log.push(`${name} ${Math.round(clock.now())}`);
  }, delay);

const pass = (ms: number) => {
  jest.advanceTimersByTime(ms);
};

beforeEach(() => {
  jest.useFakeTimers();
  clock = createPlaybackClock(1_000);
  log = [];
});

afterEach(() => {
  jest.useRealTimers();
});

test('it stands still until it is started, and then runs as fast as it is told', () => {
  note('a', 100);
  pass(1_000);
  expect([clock.now(), log]).toEqual([1_000, []]);
  clock.speed = 10;
  clock.isRunning = true;
  pass(9);
  expect(log).toEqual([]);
  pass(1);
  expect(log).toEqual(['a 1100']);
});

test('it stops, and goes on from there', () => {
  clock.isRunning = true;
  note('a', 100);
  pass(60);
  clock.isRunning = false;
  pass(1_000);
  expect(clock.now()).toBe(1_060);
  clock.isRunning = true;
  pass(40);
  expect(log).toEqual(['a 1100']);
});

test('a change of speed counts from now on', () => {
  clock.isRunning = true;
  note('a', 100);
  pass(50);
  clock.speed = 0.5;
  pass(99);
  expect(log).toEqual([]);
  pass(1);
  expect(log).toEqual(['a 1100']);
});

test('a leap runs what is due by then, also while it stands still, and no more', () => {
  note('a', 100);
  note('b', 200);
  note('c', 300);
  clock.leapTo(1_200);
  pass(0);
  expect(log).toEqual(['a 1200', 'b 1200']);
});

test('what an action schedules for now runs after it', () => {
  clock.schedule(() => {
    note('later', 0);
    log.push('first');
  }, 0);
  pass(1);
  expect(log).toEqual(['first', 'later 1000']);
});

test('what is unsubscribed does not run, and leaves no timer', () => {
  clock.isRunning = true;
  note('a', 100).unsubscribe();
  expect(jest.getTimerCount()).toBe(0);
  pass(200);
  expect(log).toEqual([]);
});
