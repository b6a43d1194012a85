import { describe, expect, test } from '@jest/globals';
import { testedVersions } from '../../lib/app-server/known-methods.js';
import { createSupportLog, serverInfoOf } from '../../lib/app-server/server-info.js';

const infoOf = (version: string) =>
  serverInfoOf({ userAgent: `me/${version} (Debian; x86_64) me` });

describe('what is known of a server', () => {
  test('is read from its user agent', () => {
    const told = { userAgent: 'me/0.169.0 (Debian 12; x86_64) xterm (me; 1.0.0)', codexHome: '/c' };
    expect(serverInfoOf(told)).toEqual({
      name: 'codex',
      version: '0.169.0',
      support: 'tested',
      userAgent: told.userAgent,
      codexHome: '/c',
      platformFamily: null,
      platformOs: null,
    });
  });

  test.each([
    [testedVersions.oldest, 'tested'],
    [testedVersions.newest, 'tested'],
    ['0.130.2', 'tested'],
    ['0.171.9', 'tested'],
    ['0.106.0', 'older'],
    ['0.9.0', 'older'],
    ['0.172.0', 'newer'],
    ['0.172.0-alpha.1', 'newer'],
    ['1.0.0', 'newer'],
    ['0.0.0', 'newer'],
    ['0.0.0-dev+3', 'newer'],
    ['0.107.0-alpha.2', 'older'],
    ['0.107.1', 'tested'],
    ['0.171.0-alpha.2', 'tested'],
    ['0.171.0+build.5', 'tested'],
    ['0.999999999.0', 'newer'],
  ])('%s is %s', (version, support) => {
    expect(infoOf(version)).toMatchObject({ version, support });
  });

  test.each([
    [null],
    [{}],
    [{ userAgent: 5 }],
    ...[
      'me',
      'me/x.y.z',
      'me/0.171',
      'me/0.171.0.1 (x)',
      'me 0.171.0 (x)',
      'me/0.1234567890.0 (x)',
    ].map((userAgent) => [{ userAgent }] as const),
    [{ userAgent: `me/0.171.0-${'a'.repeat(100)} (x)` }],
    [{ userAgent: 'me/0.171.0\u001b[2J (x)' }],
  ])('has no version in %j, and counts as newer', (result) => {
    expect(serverInfoOf(result)).toMatchObject({ version: null, support: 'newer' });
  });

  // As the real codex writes them.
  const rest = '(Debian 12.0.0; x86_64) vscode/1.86.0 (me; 1.2.3)';
  test.each([
    ['me', `me/0.171.0 ${rest}`],
    ['@acme/bot', `@acme/bot/0.171.0 ${rest}`],
    ['acme/1.2.3 (x', `acme/1.2.3 (x/0.171.0 ${rest}`],
    ['my app', `my app/0.171.0 ${rest}`],
    ['a client that came later', `@acme/bot/0.171.0 ${rest}`],
    ['me', `me/too/0.171.0 ${rest}`],
    ['', `/0.171.0 ${rest}`],
    ['me', 'me/0.171.0'],
  ])('is read for a client that calls itself %j from %j', (name, userAgent) => {
    expect(serverInfoOf({ userAgent }, name)).toMatchObject({ version: '0.171.0' });
  });

  test('is found at once in a text that is made to be slow to read', () => {
    const userAgent = '/1.1.'.repeat(100_000) + '1'.repeat(1_000_000);
    expect(serverInfoOf({ userAgent }).version).toBeNull();
  });
});

describe('the log', () => {
  test('has a line about each version that was not tested, once', () => {
    const lines: string[] = [];
    const log = createSupportLog({ warn: (line) => lines.push(line), error: () => undefined });
    for (const version of ['0.171.0', '0.172.0', '0.172.0', '0.80.0', '0.172.0']) {
      log(infoOf(version));
    }
    expect(lines).toEqual([
      expect.stringMatching(
        /^codex-rx: the server is codex 0\.172\.0, newer than .* \(0\.107\.0 to/,
      ),
      expect.stringMatching(/^codex-rx: the server is codex 0\.80\.0, older than /),
    ]);
  });

  test('says so if the version is unknown', () => {
    const lines: string[] = [];
    const log = createSupportLog({ warn: (line) => lines.push(line), error: () => undefined });
    log(serverInfoOf({}));
    log(infoOf('0.0.0'));
    expect(lines).toEqual([
      expect.stringContaining('codex of an unknown version, which counts as newer than'),
      expect.stringContaining('codex 0.0.0, which counts as newer than'),
    ]);
  });

  test('has no more than some lines of a server that calls itself another each time', () => {
    const lines: string[] = [];
    const log = createSupportLog({ warn: (line) => lines.push(line), error: () => undefined });
    for (let minor = 200; minor < 1_200; minor++) log(infoOf(`0.${minor}.0`));
    expect(lines).toHaveLength(20);
  });
});
