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
  ])('%s is %s', (version, support) => {
    expect(infoOf(version)).toMatchObject({ version, support });
  });

  test.each([[null], [{}], [{ userAgent: 5 }], [{ userAgent: 'me' }], [{ userAgent: 'me/x.y.z' }]])(
    'has no version in %j, and counts as newer',
    (result) => {
      expect(serverInfoOf(result)).toMatchObject({ version: null, support: 'newer' });
    },
  );
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
    expect(lines).toEqual([expect.stringContaining('codex of an unknown version, newer than')]);
  });
});
