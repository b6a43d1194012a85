import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createHash } from 'node:crypto';
import {
  logNamesOf,
  namesOf,
  partitionOf,
  threadToken,
  typeTokens,
} from '../../lib/nats/subjects.js';
import { sha256 } from '../../lib/nats/sha256.js';

/** Ids as a hostile server may write them: dots, wildcards, spaces, NUL, lone surrogates. */
const odd = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({
    unit: fc.constantFrom('.', '*', '>', ' ', '_', '%', '~', '\0', '\ud800', 'ü', '😀', '$', 'a'),
  }),
  fc.string({ unit: 'grapheme', minLength: 100, maxLength: 400 }),
  fc.constantFrom('', '_', '%', '~', '%5f', '%25', 'a.b', '*', '>'),
);

const isToken = (token: string): boolean => /^[A-Za-z0-9%~_-]+$/.test(token);

describe('subjects', () => {
  it('give every thread one token, without dots, wildcards and spaces', () => {
    fc.assert(
      fc.property(odd, (id) => {
        const token = threadToken(id);
        expect(isToken(token)).toBe(true);
        expect(token.length).toBeLessThanOrEqual(128);
        expect(token).not.toBe('_');
      }),
      { numRuns: 200 },
    );
  });

  it('give no two threads the same token', () => {
    fc.assert(
      fc.property(odd, odd, (a, b) => {
        expect(threadToken(a) === threadToken(b)).toBe(a === b);
      }),
      { numRuns: 300 },
    );
  });

  it('give no two tenants a stream or a bucket of the same name', () => {
    const word = fc.constantFrom('a', 'log', 'dead', 'lead', 'state', 'claims', 'done', 'b');
    const name = fc.array(word, { minLength: 1, maxLength: 4 }).map((words) => words.join('_'));
    const namesOfAll = (tenant: string, log: string): string[] => {
      try {
        const { stream, deadStream, ...of } = namesOf(tenant);
        const buckets = [of.leadBucket, of.stateBucket, of.claimsBucket, of.doneBucket];
        const streams = [stream, deadStream, logNamesOf(tenant, log).stream];
        return [...streams, ...buckets.map((bucket) => `KV_${bucket}`)];
      } catch (error) {
        expect(error).toBeInstanceOf(TypeError);
        return [];
      }
    };
    fc.assert(
      fc.property(name, name, name, name, (one, other, log, otherLog) => {
        fc.pre(one !== other);
        const [names, others] = [namesOfAll(one, log), namesOfAll(other, otherLog)];
        expect(names.filter((taken) => others.includes(taken))).toEqual([]);
      }),
      { numRuns: 5_000 },
    );
    for (const tenant of ['x_dead', 'x_log', 'log_log', 'x_log_y', 'x_log_']) {
      expect(() => namesOf(tenant)).toThrow('"tenant" must be a name without');
      expect(() => logNamesOf(tenant, 'main')).toThrow('"tenant" must be a name without');
    }
    for (const tenant of ['dead', 'x_dead_letters', 'log', 'log_x', 'x_logs', 'deadly']) {
      expect(namesOf(tenant).stream).toBe(`CODEX_${tenant}`);
    }
  });

  it('keep a uuid as it is, and give no thread a token of its own', () => {
    const uuid = '01999f36-c8a4-7d31-9f5c-0d4e9c8b2a11';
    expect(threadToken(uuid)).toBe(uuid);
    expect([threadToken(null), threadToken(''), threadToken('_')]).toEqual(['_', '%', '%5f']);
    expect(threadToken('x'.repeat(3_000))).toMatch(/^~[\w-]{43}$/);
  });

  it('keep the dots of a type and escape the rest of it', () => {
    expect(typeTokens('app_server.item.started')).toBe('app_server.item.started');
    expect(typeTokens('a..b.*.>')).toBe('a.%.b.%2a.%3e');
    fc.assert(
      fc.property(odd, (type) => {
        expect(typeTokens(type).split('.').every(isToken)).toBe(true);
      }),
    );
  });

  it('spread threads over partitions as the server would', () => {
    for (const token of ['_', 'a', '%c3%bcn%c3%af', '01999f36-c8a4-7d31-9f5c-0d4e9c8b2a11']) {
      expect(partitionOf(token, 16)).toBe(fnv(token) % 16);
    }
    const counts = new Array<number>(16).fill(0);
    for (let n = 0; n < 10_000; n++) {
      const partition = partitionOf(`thread-${n}`, 16);
      counts[partition] = (counts[partition] ?? 0) + 1;
    }
    expect(Math.min(...counts)).toBeGreaterThan(400);
  });

  it('refuse a tenant that is no token', () => {
    for (const tenant of ['', 'a.b', '*', 'a b', 'ü']) {
      expect(() => namesOf(tenant)).toThrow('"tenant" must be a name of letters');
    }
    expect(namesOf('acme').event(3, 't', 'app_server.x')).toBe('codex.acme.ev.3.t.app_server.x');
  });
});

describe('sha256', () => {
  it('equals the digest of the platform', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), (text) => {
        expect(sha256(text)).toBe(createHash('sha256').update(text).digest('base64url'));
      }),
    );
  });
});

/** FNV-1a with big integers, as its definition reads. */
function fnv(text: string): number {
  let hash = 0x811c9dc5n;
  for (const byte of Buffer.from(text)) hash = ((hash ^ BigInt(byte)) * 0x01000193n) % 2n ** 32n;
  return Number(hash);
}
