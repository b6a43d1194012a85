import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { run } from '../../lib/cli/run.js';
import { fakeTerminal } from '../support/fake-terminal.js';

describe('codex-rx', () => {
  it('helps', async () => {
    const { terminal, written } = fakeTerminal();
    expect(await run(['--help'], terminal)).toBe(0);
    expect(written.out).toContain('codex-rx tail <url>');
  });

  it('tells its version', async () => {
    const { terminal, written } = fakeTerminal();
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    expect(await run(['--version'], terminal)).toBe(0);
    expect(written.out).toBe(`${version}\n`);
  });

  it('ends with 2 for what it does not understand, and points to its help', async () => {
    const { terminal, written } = fakeTerminal();
    expect(await run(['sing'], terminal)).toBe(2);
    expect(written.err).toBe(
      'codex-rx: There is no command "sing".\nTry codex-rx --help.\n', //
    );
  });

  it('ends with 2 for a url that cannot be one', async () => {
    const { terminal, written } = fakeTerminal();
    expect(await run(['tail', 'ftp://host'], terminal)).toBe(2);
    expect(written.err).toBe(
      'codex-rx: "url" must be http:, https:, ws: or wss:, not ftp:.\n', //
    );
  });

  const secret = 'http://ada:hunter2@127.0.0.1:1/?token=hunter2';
  it.each([
    [['tail', secret]],
    [['send', '--thread', 'thread', secret, 'a message']],
    [['record', secret]],
    [['inspect', secret]],
    [['inspect', '--app-server', secret]],
    [['inspect', '--', 'no-such-codex', '--token', 'hunter2', secret]],
  ])('shows no credentials of its arguments: %j', async (args) => {
    const { terminal, written } = fakeTerminal();
    expect(await run(args, terminal)).toBe(1);
    expect(written.err).toMatch(/127\.0\.0\.1:1|no-such-codex/);
    expect(written.out + written.err).not.toContain('hunter2');
  });

  it('records and replays', async () => {
    const { terminal, written, interrupt } = fakeTerminal();
    interrupt();
    expect(await run(['record', 'http://127.0.0.1:1'], terminal)).toBe(0);
    expect(await run(['replay', 'lib/cli/demo.jsonl'], terminal)).toBe(0);
    expect(await run(['record', 'ftp://host'], terminal)).toBe(2);
    expect(written.err).toContain('"url" must be http:, https:, ws: or wss:, not ftp:.');
  });

  it('runs the demo', async () => {
    const { terminal, written, interrupt } = fakeTerminal();
    interrupt();
    expect(await run(['demo'], terminal)).toBe(0);
    expect(written.err).toBe('');
  });
});
