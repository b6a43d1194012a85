import { describe, expect, test } from '@jest/globals';
import { normalizeMethod, notificationType, requestType } from 'codex-rx';
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { managerFrames } from '../recordings/index.js';

interface Row {
  readonly method: string;
  readonly normalized: string;
  readonly notificationType: string;
  readonly requestType: string;
}

/** Made by the server's own function. */
const rows = JSON.parse(
  readFileSync(new URL('./method-names.json', import.meta.url), 'utf8'),
) as readonly Row[];

/** The rules as the protocol notes state them, letter by letter and without a pattern. */
function byTheRules(method: string): string {
  const segments: string[] = [];
  for (const segment of method.split('/')) {
    const text = segment.trim();
    const words = text === '' ? ['unknown'] : wordsOf(text);
    if (words.length > 0) segments.push(words.join('_'));
  }
  return segments.length > 0 ? segments.join('.') : 'unknown';
}

function wordsOf(text: string): readonly string[] {
  const words: string[] = [];
  let word = '';
  const end = (): void => {
    if (word !== '') words.push(word);
    word = '';
  };
  for (let at = 0; at < text.length; at++) {
    const [before, here, after] = [kind(text[at - 1]), kind(text[at]), kind(text[at + 1])];
    if (here === 'none') {
      end();
      continue;
    }
    const afterSmall = before === 'small' || before === 'digit';
    const lastOfCapitals = before === 'capital' && after === 'small';
    if (here === 'capital' && (afterSmall || lastOfCapitals)) end();
    word += text.charAt(at).toLowerCase();
  }
  end();
  return words;
}

function kind(letter = ''): 'small' | 'capital' | 'digit' | 'none' {
  if (letter >= 'a' && letter <= 'z') return 'small';
  if (letter >= 'A' && letter <= 'Z') return 'capital';
  return letter >= '0' && letter <= '9' ? 'digit' : 'none';
}

const letters = fc
  .nat(25)
  .map((at) => 'abczABCZ09/_-. /\t\u00a0\u3000\ufeffé日ßİ\u212a\ud83d'.charAt(at));
const methods = fc.oneof(
  fc.array(letters, { maxLength: 30 }).map((units) => units.join('')),
  fc.array(fc.nat(0xffff)).map((units) => String.fromCharCode(...units)),
  fc.string(),
);

describe('normalizeMethod', () => {
  test('agrees with the server on every method that the server was asked for', () => {
    expect(rows).toHaveLength(173);
    for (const { method, normalized } of rows) {
      expect({ method, normalized: normalizeMethod(method) }).toEqual({ method, normalized });
    }
  });

  test('agrees with the server on every method in the recordings', () => {
    let seen = 0;
    for (const { frame } of managerFrames) {
      const { eventType, method } = (frame['payload'] ?? {}) as {
        eventType?: string;
        method: string;
      };
      if (eventType === undefined) continue;
      seen++;
      const typeOf = eventType.startsWith('app_server.request.') ? requestType : notificationType;
      expect(typeOf(method)).toBe(eventType);
    }
    expect(seen).toBeGreaterThan(1_000);
  });

  test('follows the rules for every string', () => {
    fc.assert(
      fc.property(methods, (method) => {
        expect(normalizeMethod(method)).toBe(byTheRules(method));
      }),
      { numRuns: 1_000 },
    );
  });

  test('gives words of a-z and 0-9, joined by _ and separated by dots, and never nothing', () => {
    fc.assert(
      fc.property(methods, (method) => {
        expect(normalizeMethod(method)).toMatch(/^[a-z0-9]+(?:[._][a-z0-9]+)*$/);
      }),
      { numRuns: 1_000 },
    );
  });

  test.each([
    ['item/fileChange/requestApproval', 'item.file_change.request_approval'],
    ['IPv6Address', 'i_pv6_address'],
    ['item/HTTPServer/getURL', 'item.http_server.get_url'],
    ['café/début', 'caf.d_but'],
    ['$/cancelRequest', 'cancel_request'],
  ])('reads %s as %s', (method, normalized) => {
    expect(normalizeMethod(method)).toBe(normalized);
  });

  test('calls a segment without text unknown, and leaves one of signs alone out', () => {
    expect(normalizeMethod('')).toBe('unknown');
    expect(normalizeMethod('/')).toBe('unknown.unknown');
    expect(normalizeMethod('a/\u00a0\u3000\ufeff/b')).toBe('a.unknown.b');
    expect(normalizeMethod('item/😀/done')).toBe('item.done');
    expect(normalizeMethod('___/___')).toBe('unknown');
  });
});

describe('notificationType and requestType', () => {
  test('put their prefix before the normalised method, as the server does', () => {
    for (const row of rows) {
      expect(notificationType(row.method)).toBe(row.notificationType);
      expect(requestType(row.method)).toBe(row.requestType);
    }
  });
});
