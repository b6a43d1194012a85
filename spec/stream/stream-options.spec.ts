import { describe, expect, test } from '@jest/globals';
import { createRouter } from 'codex-rx';
import { isObservable } from 'rxjs';
import { ConnectionError } from '../../lib/socket/index.js';
import { streamSettings, type StreamOptions } from '../../lib/stream/index.js';

describe('streamSettings', () => {
  test('has defaults', () => {
    const { hints$, reconnect, random, ...settings } = streamSettings({});
    expect(settings).toEqual({
      log: console,
      connectTimeout: 10_000,
      linger: 1_000,
      maxFrameBytes: 64 * 2 ** 20,
      heartbeat: { interval: 15_000, timeout: 10_000 },
      router: undefined,
      signal: undefined,
    });
    expect(reconnect).toMatchObject({
      base: 500,
      cap: 30_000,
      attempts: 2 ** 31 - 1,
      stableAfter: 5_000,
    });
    expect(random).toBe(Math.random);
    expect(isObservable(hints$)).toBe(true);
  });

  test('tries again unless that is of no use', () => {
    const { shouldRetry } = streamSettings({}).reconnect!;
    expect(shouldRetry(new ConnectionError('lost', '', false))).toBe(true);
    expect(shouldRetry(new ConnectionError('lost', '', true))).toBe(false);
  });

  test('takes what is given', () => {
    const router = createRouter();
    const { signal } = new AbortController();
    const shouldRetry = () => true;
    const random = () => 0.5;
    expect(
      streamSettings({
        router,
        signal,
        random,
        linger: 0,
        heartbeat: { interval: 5 },
        reconnect: { attempts: 3, shouldRetry },
      }),
    ).toMatchObject({
      router,
      signal,
      random,
      linger: 0,
      heartbeat: { interval: 5, timeout: 10_000 },
      reconnect: { attempts: 3, base: 500, shouldRetry },
    });
    expect(streamSettings({ heartbeat: false, reconnect: false })).toMatchObject({
      heartbeat: null,
      reconnect: null,
    });
  });

  test.each<[string, unknown]>([
    ['router', {}],
    ['router', { on() {} }],
    ['signal', {}],
    ['connectTimeout', -1],
    ['connectTimeout', NaN],
    ['linger', '1'],
    ['maxFrameBytes', null],
    ['heartbeat', 5],
    ['heartbeat', null],
    ['reconnect', true],
    ['random', 0.5],
    ['transport', {}],
    ['transport', null],
  ])('refuses %s: %p with a TypeError that names it', (name, value) => {
    const options = { [name]: value } as StreamOptions;
    expect(() => streamSettings(options)).toThrow(TypeError);
    expect(() => streamSettings(options)).toThrow(`"${name}" must be`);
  });

  test.each<[string, StreamOptions]>([
    ['heartbeat.interval', { heartbeat: { interval: -1 } }],
    ['heartbeat.timeout', { heartbeat: { timeout: 'x' as never } }],
    ['reconnect.base', { reconnect: { base: NaN } }],
    ['reconnect.attempts', { reconnect: { attempts: -1 } }],
    ['reconnect.shouldRetry', { reconnect: { shouldRetry: true as never } }],
  ])('refuses %s with a TypeError that names it', (name, options) => {
    expect(() => streamSettings(options)).toThrow(`"${name}" must be`);
  });
});
