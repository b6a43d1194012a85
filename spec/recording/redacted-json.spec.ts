import { describe, expect, test } from '@jest/globals';
import { redact, type RedactionRules } from 'codex-rx/recording';

/** What becomes of a frame. */
function redacted(frame: unknown): unknown {
  const recording = redact().begin();
  const lines = [...recording.push(JSON.stringify({ t: 0, frame })), ...recording.flush()];
  return (JSON.parse(lines.join('')) as { readonly frame: unknown }).frame;
}

/** Nobody's. */
const key = 'Zq04spectrum';
const cut = '<secret 1>';

describe('redaction by the structure of JSON', () => {
  test.each<[string, unknown, unknown]>([
    ['an option and its value', ['tool', '--token', key], ['tool', '--token', cut]],
    ['a value with spaces', ['x', '--password', 'a b', 'c'], ['x', '--password', cut, 'c']],
    ['headers by name', { name: 'x-api-key', value: key }, { name: 'x-api-key', value: cut }],
    ['a value in front', { value: key, name: 'token' }, { value: cut, name: 'token' }],
    [
      'pairs',
      [
        ['x-api-key', key],
        ['a', 'b'],
      ],
      [
        ['x-api-key', cut],
        ['a', 'b'],
      ],
    ],
    ['a flat list', ['Host', 'x', 'X-Api-Key', key], ['Host', 'x', 'X-Api-Key', cut]],
    ['what a name holds', { token: { value: key } }, { token: { value: cut } }],
    ['a list of a name', { tokens: [key] }, { tokens: [cut] }],
    ['deep in a name', { secrets: { a: { b: key } } }, { secrets: { a: { b: cut } } }],
    ['numbers', { token: 12345678901, pin: 4711 }, { token: 0, pin: 0 }],
    ['an environment', { env: { DB_PASS: 'hunter2' } }, { env: { DB_PASS: cut } }],
    [
      'JSON in a text',
      { a: `{"token":{"value":"${key}"}}` },
      { a: `{"token":{"value":"${cut}"}}` },
    ],
    ['a session that is no UUID', { session_id: 'x7Ht29kLmQ4p' }, { session_id: cut }],
  ])('cuts %s', (_, frame, rest) => {
    expect(redacted(frame)).toEqual(rest);
  });

  test('cuts words of a command, by the words before them', () => {
    const login = ['docker', 'login', '-u', 'ada', '-p', key];
    expect(redacted(login)).toEqual([...login.slice(0, -1), '<command 1>']);
    expect(redacted(['curl', '-u', `ada:${key}`, 'x'])).toEqual([
      'curl',
      '-u',
      'ada:<command 1>',
      'x',
    ]);
  });

  test('cuts in the base64 of Codex, colours and broken characters in it', () => {
    const bytes = (text: string) => btoa(text);
    const chunk = bytes('\u001b[31mexport DB_PASS=hunter2\u001b[0m \xe2');
    const { chunk: rest } = redacted({ chunk }) as { readonly chunk: string };
    expect(atob(rest)).toContain('DB_PASS=<secret 1>');
    expect(redacted({ chunk: bytes('plain \xe2') })).toEqual({ chunk: bytes('plain \xe2') });
  });

  test('cuts what is in base64 and behind escapes', () => {
    const token = `ghp_${'a1B2'.repeat(9)}`;
    expect(redacted(btoa(`token: ${token}`))).toMatch(/^<[\w-]+ 1>$/);
    expect(redacted(`"\\u0067hp_${token.slice(4)}"`)).toBe('"<api-key 1>"');
    expect(redacted(`https%3A%2F%2Fx%2F%3Ftoken%3D${token}`)).toBe(
      'https%3A%2F%2Fx%2F%3Ftoken%3D<api-key 1>',
    );
  });

  test.each<[string, unknown]>([
    [
      'a JSON schema',
      { properties: { password: { type: 'string', description: 'The password' } } },
    ],
    ['required names', { required: ['username', 'password', 'token', 'apiKey'] }],
    ['usage', { tokenUsage: { totalTokens: 12345678, inputTokens: 1000000 } }],
    ['progress', { progressToken: 12345678 }],
    ['a cursor', { nextPageToken: 'abc1234567', nextCursor: 'b2Zmc2V0OjEwMA' }],
    ['results', { pass: 123456, fail: 0, tests: { pass: 12 } }],
    ['kinds', { token: { kind: 'Identifier', start: 5 }, secret: true, credentials: 'include' }],
    ['a reference to a secret', { secretKeyRef: { name: 'db-credentials', key: 'password' } }],
    ['ports', { command: ['docker', 'run', '-p', '8080:80', '--name', 'web'] }],
    ['files', { args: ['--key', 'server.pem', '--token-file', '/run/t', '--password-stdin'] }],
    ['dependencies', { dependencies: { jsonwebtoken: '^9.0.2', passport: '^0.7.0' } }],
    [
      'ids',
      {
        threadId: '01a203cc-6b3c-7523-8e8c-4ab7bb3c05a1',
        sessionId: '01a203cc-6b3c-7523-8e8c-4ab7bb3c05a1',
        itemId: 'call_5zXkPq81LmN0aBcDeFgHiJ7K',
        method: 'account/chatgptAuthTokens/refresh',
      },
    ],
  ])('leaves %s', (_, frame) => {
    expect(redacted(frame)).toEqual(frame);
  });
});

describe('the rules of secretlint', () => {
  const webhook = ['https://hooks.slack.com', 'services', 'T1', 'B1', 'x'].join('/');
  const cutBy = (rules: RedactionRules, text: string) => {
    const recording = redact(rules).begin();
    return recording.push(JSON.stringify(text)).join('');
  };

  test('find what the usual ones do not', () => {
    expect(cutBy({ url: false }, `to ${webhook}`)).toBe('"to <secretlint 1>"');
    expect(cutBy({ url: false, secretlint: false }, `to ${webhook}`)).toBe(`"to ${webhook}"`);
  });

  test('cannot be switched off by the text', () => {
    const text = `secretlint-disable\n${webhook}`;
    expect(cutBy({ url: false }, text)).toBe('"secretlint-disable\\n<secretlint 1>"');
  });
});
