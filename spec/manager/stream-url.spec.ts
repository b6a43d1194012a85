import { describe, expect, test } from '@jest/globals';
import { streamUrl } from '../../lib/manager/stream-url.js';

describe('the url of the stream', () => {
  test.each([
    ['http://host:3001', 'ws://host:3001/api/stream'],
    ['https://host', 'wss://host/api/stream'],
    ['ws://host:3001', 'ws://host:3001/api/stream'],
    ['wss://host/', 'wss://host/api/stream'],
    ['HTTP://Host:3001/', 'ws://host:3001/api/stream'],
    ['http://host:443/', 'ws://host:443/api/stream'],
    ['https://host:80/', 'wss://host:80/api/stream'],
    ['http://[::1]:3001', 'ws://[::1]:3001/api/stream'],
    ['http://host/api/stream', 'ws://host/api/stream'],
    ['http://host/api/stream/', 'ws://host/api/stream'],
    ['http://host/codex', 'ws://host/codex/api/stream'],
    ['http://host/codex//', 'ws://host/codex/api/stream'],
    ['http://host/codex/api/stream', 'ws://host/codex/api/stream'],
    ['http://host/my-api/stream', 'ws://host/my-api/stream/api/stream'],
    ['http://host/?token=a%20b%2F+c&flag', 'ws://host/api/stream?token=a%20b%2F+c&flag'],
    ['http://host/api/stream?threadId=t9', 'ws://host/api/stream?threadId=t9'],
    ['http://host/#fragment', 'ws://host/api/stream'],
    ['http://user:pass@host/', 'ws://user:pass@host/api/stream'],
  ])('of %s is %s', (url, expected) => {
    expect(streamUrl(url, undefined)).toBe(expected);
    expect(streamUrl(new URL(url), undefined)).toBe(expected);
  });

  test('does not change a URL object', () => {
    const url = new URL('http://host/#here');
    streamUrl(url, 't1');
    expect(url.href).toBe('http://host/#here');
  });

  test.each([
    ['http://host', 'ws://host/api/stream?threadId=t%2F1%20%26'],
    ['http://host/?a=1', 'ws://host/api/stream?a=1&threadId=t%2F1%20%26'],
    // The rest of the query stays as it is: it may be signed.
    ['http://host/?s=a%20b%2f', 'ws://host/api/stream?s=a%20b%2f&threadId=t%2F1%20%26'],
  ])('of %s asks for the thread', (url, expected) => {
    expect(streamUrl(url, 't/1 &')).toBe(expected);
  });

  test('may name the same thread already, or none', () => {
    const filtered = 'ws://host/api/stream?threadId=t1';
    expect(streamUrl('http://host/?threadId=t1', 't1')).toBe(filtered);
    expect(streamUrl('http://host/?threadId=', 't1')).toBe(filtered);
    // The server takes a repeated threadId for none.
    expect(streamUrl('http://host/?threadId=t1&threadId=t1', 't1')).toBe(filtered);
  });

  test.each(['?threadId=t2', '?threadId=t1&threadId=t2'])('must not name another: %s', (query) => {
    expect(() => streamUrl(`http://host/${query}`, 't1')).toThrow(
      new TypeError('"threadId" must be the thread that "url" names.'),
    );
  });

  test.each(['ftp://host', 'file:///x', 'localhost:3001', 'javascript:1'])(
    'cannot be had of the scheme of %s',
    (url) => {
      expect(() => streamUrl(url, undefined)).toThrow(
        /^"url" must be http:, https:, ws: or wss:, not /,
      );
    },
  );

  test.each(['', 'host', '/api', '//host', 'http://', null, 5, {}])(
    'cannot be had of %j',
    (url) => {
      expect(() => streamUrl(url as string, undefined)).toThrow(
        /^"url" must be an absolute url such as/,
      );
    },
  );

  test('an error shows nothing of the url that may be a secret', () => {
    const shown = (url: string) => {
      try {
        return streamUrl(url, undefined);
      } catch (error) {
        return (error as Error).message + String((error as Error).cause);
      }
    };
    for (const url of [
      'host/path?token=canary#canary',
      'http://canary@:x/',
      'http://user:canary@ho st/p',
      'http://c@canary@ho st',
    ]) {
      expect(shown(url)).not.toContain('canary');
      expect(shown(url)).toContain('"url"');
    }
  });
});
