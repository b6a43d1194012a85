import { describe, expect, test } from '@jest/globals';
import { redact, type RedactionRules } from 'codex-rx/recording';
import { harmlessTexts } from './harmless-texts.js';
import { secretSamples, type SecretSample } from './secret-corpus.js';

const seeds = [1, 2, 3, 4, 5];

/** What becomes of lines, without what is around their frames. */
function written(frames: readonly unknown[], rules?: RedactionRules): string {
  const recording = redact(rules).begin();
  const lines = frames.map((frame) => JSON.stringify({ t: 0, sock: '1', dir: 'in', frame }));
  return [...lines.flatMap((line) => recording.push(line)), ...recording.flush()].join('\n');
}

/** The words of a command line, without its quotes. */
const words = (text: string): readonly string[] =>
  (text.match(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g) ?? []).map((each) => each.replace(/["']/g, ''));

const delta = (text: string) => ({
  method: 'item/agentMessage/delta',
  params: { threadId: 't', turnId: 'u', itemId: 'i', delta: text },
});

const forms: Readonly<Record<string, (text: string) => readonly unknown[]>> = {
  plain: (text) => [{ method: 'x', params: { text: `It says: ${text}\n` } }],
  'JSON in a text': (text) => [{ params: { arguments: JSON.stringify({ script: text, n: 1 }) } }],
  argv: (text) => [{ params: { command: words(text) } }],
  'deltas of 1': (text) => Array.from(text, delta),
  'deltas of 7': (text) => (text.match(/[^]{1,7}/g) ?? []).map(delta),
};

/** Whether something of a secret can be read: all of it, or a part of a long one. */
function isReadable(output: string, { secret }: SecretSample): boolean {
  const text = [
    output,
    // Text that came in pieces, put together.
    [...output.matchAll(/"delta":"((?:[^"\\]|\\.)*)"/g)].map(([, piece]) => piece).join(''),
  ].join('\n');
  const parts = secret.split(/[\s;=]+|\\u[\da-f]{4}/).filter((part) => part.length > 4);
  return parts.some((part) => {
    const size = Math.min(part.length, 12);
    for (let at = 0; at + size <= part.length; at += size) {
      const piece = part.slice(at, at + size);
      if (text.includes(piece) || text.includes(JSON.stringify(piece).slice(1, -1))) return true;
    }
    return false;
  });
}

describe('redaction, measured', () => {
  test('knows at least 80 kinds of secrets and 200 harmless texts', () => {
    expect(new Set(secretSamples(1).map(({ kind }) => kind)).size).toBeGreaterThanOrEqual(80);
    expect(new Set(harmlessTexts).size).toBeGreaterThanOrEqual(200);
  });

  test.each(Object.keys(forms))('cuts at least 95 %% of the kinds: %s', (form) => {
    const missed = new Set<string>();
    for (const seed of seeds) {
      for (const sample of secretSamples(seed)) {
        if (isReadable(written(forms[form]!(sample.text)), sample)) missed.add(sample.kind);
      }
    }
    const share = 1 - missed.size / secretSamples(1).length;
    console.log(
      `${form}: ${(100 * share).toFixed(1)} % of the kinds cut. Missed: ${[...missed].join(', ') || 'none'}`,
    );
    expect(share).toBeGreaterThanOrEqual(0.95);
  });

  test('cuts as much without secretlint, as in a browser', () => {
    const missed = secretSamples(1).filter((sample) =>
      isReadable(written(forms['plain']!(sample.text), { secretlint: false }), sample),
    );
    expect(missed.length / secretSamples(1).length).toBeLessThanOrEqual(0.05);
  });

  test('alters at most 2 % of the harmless texts', () => {
    const altered = harmlessTexts.filter((text) => {
      const frame = { params: { text } };
      return !written([frame]).includes(JSON.stringify(frame).slice(1, -1));
    });
    const share = altered.length / harmlessTexts.length;
    console.log(`${(100 * share).toFixed(1)} % of the harmless altered: ${altered.join(' | ')}`);
    expect(share).toBeLessThanOrEqual(0.02);
  });
});
