import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createSecrets } from '../../lib/recording/secrets.js';
import { createStreamedText } from '../../lib/recording/streamed-text.js';

/** What is left of the pieces of a text, each when it is settled. */
function stream(rules = {}) {
  const settled: string[] = [];
  const text = createStreamedText(createSecrets(rules));
  let count = 0;
  return {
    settled,
    push(...pieces: readonly string[]) {
      for (const piece of pieces) {
        const index = count++;
        text.push(piece, (rest) => {
          expect(settled).toHaveLength(index);
          settled.push(rest);
        });
      }
    },
    flush: text.flush,
  };
}

const filler = 'and so on, and on, and on, and on, and on, and on, and on, and on '.repeat(2);

describe('a text that comes in pieces', () => {
  test('loses a secret that is in several of them: its placeholder is where it begins', () => {
    const { push, flush, settled } = stream();
    push('Ask a', 'da@exam', 'ple.c', 'om, or go to /ho', 'me/', 'a', 'da', '/x.');
    expect(settled).toEqual([]);
    flush();
    expect(settled).toEqual([
      'Ask <email 1>',
      '',
      '',
      ', or go to /ho',
      'me/',
      '<user 1>',
      '',
      '/x.',
    ]);
  });

  test('is settled as soon as enough has followed', () => {
    const { push, settled } = stream();
    push('Hello ', 'there ');
    expect(settled).toEqual([]);
    push(filler);
    expect(settled).toEqual(['Hello ', 'there ']);
  });

  test('waits for the end of a secret, and then for the same placeholder', () => {
    const { push, settled, flush } = stream();
    const token = `eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIx${'Mj'.repeat(300)}.abc`;
    const pieces = (token.match(/.{1,40}/g) as string[]).concat(' ', filler, token, ' ', filler);
    push(...pieces);
    flush();
    expect(settled.join('')).toBe(`<jwt 1> ${filler}<jwt 1> ${filler}`);
  });

  test('lets nothing of a long key through, though its beginning is long gone', () => {
    const { push, settled, flush } = stream();
    push('-----BEGIN RSA PRIVATE KEY-----\n');
    for (let i = 0; i < 200; i++) push('MIIEpAIBAAKCAQEA3Tz2mr7SZiAMfQyu\n');
    push('-----END RSA PRIVATE KEY-----\n', filler);
    flush();
    expect(settled.join('')).toBe(`<private-key 1>\n${filler}`);
  });

  test('cuts the rest of a secret that showed too late', () => {
    const { push, settled, flush } = stream();
    push('key sk-abc');
    flush();
    push('defghijklmnop', 'qrst ', filler);
    flush();
    expect(settled.join('')).toBe(`key sk-abc<api-key 1> ${filler}`);
    expect(settled[1]).toBe('<api-key 1>');
  });

  test('gives the placeholder once, however often it is settled', () => {
    const { push, settled, flush } = stream();
    for (const piece of ['a FOO_TOKEN=abc', 'def', 'ghi', ' end']) {
      push(piece);
      flush();
    }
    expect(settled.join('')).toBe('a FOO_TOKEN=<secret 1> end');
  });

  test('reads as the whole text does without its secrets, wherever it is cut into pieces', () => {
    const words = fc.constantFrom(
      ...['Hello ', '\n', 'x ', '/home/ada/project ', 'ada@example.com ', 'FOO_TOKEN=abc123 '],
      ...['Bearer abcdefgh1234 ', 'sk-abcdefghijklmnopqrst ', '{"password":"hunter2"} ', filler],
      ...['C:\\Users\\Ada Lovelace\\x ', 'https://u:p4ss@host/?token=zzz ', '--password secret9 '],
    );
    const texts = fc.array(words, { minLength: 1, maxLength: 30 }).map((parts) => parts.join(''));
    const cuts = fc.array(fc.nat(), { maxLength: 60 });
    fc.assert(
      fc.property(texts, cuts, (text, at) => {
        const ends = [...at.map((n) => n % text.length), text.length].sort((a, b) => a - b);
        const pieces = ends.map((end, i) => text.slice(ends[i - 1] ?? 0, end));
        const { push, flush, settled } = stream();
        push(...pieces);
        flush();
        expect(settled.join('')).toBe(createSecrets({}).cut(text));
      }),
      // An empty piece before a long one: what the long one still needs is kept.
      { examples: [[`${filler.repeat(5)}C:\\Users\\Ada Lovelace\\x `, [0]]] },
    );
  });
});
