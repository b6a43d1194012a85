import { describe, expect, test } from '@jest/globals';
import { usualRules } from '../../lib/recording/redaction-rules.js';
import { createSecrets } from '../../lib/recording/secrets.js';

const cut = (text: string, member?: string) => createSecrets({}).cut(text, member);

describe('the usual rules', () => {
  test.each([
    ['sk-proj-abcdefghijklmnop1234', '<api-key 1>'],
    ['ghp_abcdefghijklmnopqrstuvwxyz0123456789', '<api-key 1>'],
    ['github_pat_11ABCDEFG0abcdefghijklmn', '<api-key 1>'],
    ['glpat-abcdefghijklmnop1234 AKIAIOSFODNN7EXAMPLE', '<api-key 1> <api-key 2>'],
    ['xoxb-1234567890-abcdef, sk_live_abcdefghijkl', '<api-key 1>, <api-key 2>'],
    ['x eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dBjftJeZ4CVP y', 'x <jwt 1> y'],
    ['Bearer abcdefgh1, bearer ABC.def-1234', 'Bearer <authorization 1>, bearer <authorization 2>'],
    [
      'curl -H "Authorization: Basic dXNlcjpwYXNz" x',
      'curl -H "Authorization: Basic <authorization 1>" x',
    ],
    ['{"authorization": "token abcd"}', '{"authorization": "token <authorization 1>"}'],
    ['Set-Cookie: sid=abc; Path=/\r\nHost: x', 'Set-Cookie: <cookie 1>\r\nHost: x'],
    ['https://ada:p4ss@host/x', 'https://ada:<url 1>@host/x'],
    ['postgres://u:pw@db.example.com:5432/x', 'postgres://u:<url 1>@db.example.com:5432/x'],
    ['GET /x?api_key=QWERTY&page=2', 'GET /x?api_key=<secret 1>&page=2'],
    ['/x?a=1&X-Amz-Signature=abc12345&b=2', '/x?a=1&X-Amz-Signature=<secret 1>&b=2'],
    ['FOO_TOKEN=abc', 'FOO_TOKEN=<secret 1>'],
    ['export A_KEY="a b c" B_SECRET=x;', 'export A_KEY="<secret 1>" B_SECRET=<secret 2>;'],
    [
      'PASSWORD=x PGPASSWORD: y AWS_SECRET_ACCESS_KEY=z',
      'PASSWORD=<secret 1> PGPASSWORD: <secret 2> AWS_SECRET_ACCESS_KEY=<secret 3>',
    ],
    [
      "password: 'correct horse', dbPassword=hunter2",
      "password: '<secret 1>', dbPassword=<secret 2>",
    ],
    [
      String.raw`{\"password\":\"hunter2\",\"a\":1}`,
      String.raw`{\"password\":\"<secret 1>\",\"a\":1}`,
    ],
    [
      '{"clientSecret":"abcdef","accessToken":"ghijkl"}',
      '{"clientSecret":"<secret 1>","accessToken":"<secret 2>"}',
    ],
    ['token=abcd1234 api-key: zyxw9876', 'token=<secret 1> api-key: <secret 2>'],
    [
      'tool --password hunter2 --token=abc --api-key "k"',
      'tool --password <secret 1> --token=<secret 2> --api-key "<secret 3>"',
    ],
    ['ada@example.com, Ada.B+c@mail.example.co.uk', '<email 1>, <email 2>'],
    ['?to=ada%40example.com and jörg@exämple.de', '?to=<email 1> and <email 2>'],
    [
      '/home/ada/x /Users/ada.b/y /mnt/c/Users/eve/',
      '/home/<user 1>/x /Users/<user 2>/y /mnt/c/Users/<user 3>/',
    ],
    ['file:///home/ada, %2Fhome%2Fada%2Fx', 'file:///home/<user 1>, %2Fhome%2F<user 1>%2Fx'],
    [
      String.raw`C:\Users\ada\x and C:\\Users\\ada`,
      String.raw`C:\Users\<windows-user 1>\x and C:\\Users\\<windows-user 1>`,
    ],
    [String.raw`C:\Users\Ada Lovelace\x`, String.raw`C:\Users\<windows-user 1>\x`],
    ['-----BEGIN PRIVATE KEY-----\nMII\n-----END PRIVATE KEY----- x', '<private-key 1> x'],
    ['-----BEGIN OPENSSH PRIVATE KEY-----\nMII', '<private-key 1>'],
  ])('cut %s', (text, rest) => {
    expect(cut(text)).toBe(rest);
  });

  test.each([
    'PWD=/work MAX_TOKENS=500 KEYS=1 MONKEY=2',
    'const token = lexer.next(); type T = { token: Token; password: string; secret: null }',
    'FOO_TOKEN=$FOO_TOKEN "password": "${PASSWORD}"',
    'Tokens: 12 of 500. The secret: none. Basic understanding of tokens.',
    'npm i react@18.2.0 @angular/core@17.1.0',
    'https://example.com/a/b?page=2&sort=name',
    'https://host:8080/path@2',
    '01a203cc-6b3c-7523-8e8c-4ab7bb3c05a1 call_5_0 msg_1_1 item-2 turn/started',
    '2026-11-22T15:07:38.205Z 10:20 a=b {"a":"b"} task-0123456789abcdef',
    '/homework/x /codex-home/sessions/2026 C:\\Windows\\System32',
    'FOO_TOKEN=<secret 1> /home/<user 1>/x <email 1> Bearer <bearer 1> password: "<secret 1>"',
  ])('leave %s', (text) => {
    expect(cut(text)).toBe(text);
  });

  test.each([
    ['authorization', 'secret'],
    ['Set-Cookie', 'secret'],
    ['FOO_TOKEN', 'secret'],
    ['AWS_ACCESS_KEY_ID', 'secret'],
    ['newPassword', 'secret'],
    ['apiKey', 'secret'],
    ['refresh_token', 'secret'],
    ['x-api-key', 'secret'],
  ])('cut all that is in a member %s', (member, rule) => {
    expect(cut('a b', member)).toBe(`<${rule} 1>`);
    expect(cut(`<${rule} 3>`, member)).toBe(`<${rule} 3>`);
    expect(cut('', member)).toBe('');
  });

  test.each(['key', 'sortKey', 'tokenUsage', 'tokens', 'env_key', 'idempotencyKey', 'author'])(
    'leave what is in a member %s',
    (member) => {
      expect(cut('a b', member)).toBe('a b');
    },
  );

  const units = [
    ...[
      'a',
      'A',
      'A_',
      '1a',
      'é',
      ' ',
      '\n',
      '\\',
      '"',
      '\\"',
      "'''",
      '/',
      '//',
      '=',
      ':',
      '@',
      '&',
      '&&a',
    ],
    ...[
      'a@',
      'x@y.',
      'a.',
      'a-',
      '%40',
      '%2F',
      '?a',
      '?token=',
      '://',
      '://a:',
      '--',
      '--token ',
      'a=',
      '\t=',
    ],
    ...[
      'eyJ',
      'eyJaaaaaaaa.',
      'sk-',
      'ghp_',
      'AKIA',
      'KEY',
      'TOKEN_',
      'password',
      'password="',
      "token='",
    ],
    ...[
      'token=1a',
      'token ',
      'cookie: ',
      'bearer ',
      'authorization: ',
      '/home/',
      '/home/a',
      'C:\\Users\\a ',
    ],
    ...['-----BEGIN PRIVATE KEY-----', '-----BEGIN ', '-----END '],
  ];

  test.each(Object.entries(usualRules()))('take time in proportion to the text: %s', (_, rule) => {
    const patterns = rule instanceof RegExp ? [rule] : 'patterns' in rule ? rule.patterns : [];
    expect(patterns).not.toEqual([]);
    const all = patterns.map(({ source, flags }) => new RegExp(source, `${flags}g`));
    for (const [unit, pattern] of units.flatMap((unit) =>
      all.map((each) => [unit, each] as const),
    )) {
      const start = performance.now();
      unit.repeat(200_000 / unit.length).replace(pattern, '');
      // Some 5 ms; minutes, if it were the square.
      expect(performance.now() - start).toBeLessThan(2_000);
    }
  });
});
