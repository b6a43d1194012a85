import { describe, expect, it } from '@jest/globals';
import { readCommand, UsageError } from '../../lib/cli/command.js';

describe('readCommand', () => {
  it('reads tail with its url, and shows every event by default', () => {
    expect(readCommand(['tail', 'http://127.0.0.1:3001'])).toEqual({
      name: 'tail',
      url: 'http://127.0.0.1:3001',
      thread: undefined,
      prefixes: [],
      json: false,
    });
  });

  it('reads the options of tail, in any place', () => {
    const args = ['--thread', 't1', 'tail', '--prefix', 'a.', 'ws://h', '--json', '--prefix=b.'];
    expect(readCommand(args)).toEqual({
      name: 'tail',
      url: 'ws://h',
      thread: 't1',
      prefixes: ['a.', 'b.'],
      json: true,
    });
  });

  it('reads demo, help and version', () => {
    expect(readCommand(['demo'])).toEqual({ name: 'demo' });
    expect(readCommand(['--version'])).toEqual({ name: 'version' });
    expect(readCommand(['tail', '-h'])).toEqual({ name: 'help' });
  });

  it('helps whoever asks for nothing', () => {
    expect(readCommand([])).toEqual({ name: 'help' });
  });

  it('reads record, which redacts unless it is told not to', () => {
    const usual = { appServer: false, thread: undefined, out: undefined, redact: true };
    expect(readCommand(['record', 'http://h'])).toEqual({
      name: 'record',
      url: 'http://h',
      ...usual,
    });
    const args = ['record', 'ws://h', '--app-server', '--out', 'x', '--thread=t', '--no-redact'];
    expect(readCommand(args)).toEqual({
      name: 'record',
      url: 'ws://h',
      appServer: true,
      thread: 't',
      out: 'x',
      redact: false,
    });
  });

  it('reads inspect, of an address, a recording or a process', () => {
    const usual = {
      ...{ name: 'inspect', what: undefined, process: [], appServer: false, speed: 1, port: 0 },
      ...{ token: undefined, readOnly: false, open: true },
    };
    expect(readCommand(['inspect', 'http://h'])).toEqual({ ...usual, what: 'http://h' });
    const process = ['codex', 'app-server', '--port', '1'];
    expect(readCommand(['inspect', '--no-open', '--', ...process])).toEqual({
      ...{ ...usual, process, open: false },
    });
    const given = ['--app-server', '--read-only', '--port', '7', '--token', 'a.b', '--speed=2'];
    expect(readCommand(['inspect', 'ws://h', ...given])).toEqual({
      ...{ ...usual, what: 'ws://h', appServer: true, readOnly: true },
      ...{ port: 7, token: 'a.b', speed: 2 },
    });
  });

  it('reads replay, which is as fast as it was recorded unless it is told otherwise', () => {
    const usual = { speed: 1, port: undefined, sock: undefined };
    const shown = { thread: undefined, prefixes: [], json: false };
    expect(readCommand(['replay', 'x'])).toEqual({ name: 'replay', file: 'x', ...usual, ...shown });
    expect(readCommand(['replay', 'x', '--speed', 'max', '--port', '0', '--sock', 's'])).toEqual({
      name: 'replay',
      file: 'x',
      speed: Infinity,
      port: 0,
      sock: 's',
      ...shown,
    });
    expect(readCommand(['replay', 'x', '--speed=0.5', '--json'])).toMatchObject({
      speed: 0.5,
      json: true,
    });
  });

  it.each([
    [['tail'], 'tail takes one url.'],
    [['record'], 'record takes one url.'],
    [['inspect'], 'inspect takes one url or recording, or a command behind --.'],
    [['inspect', 'a', 'b'], 'inspect takes one url or recording'],
    [['inspect', 'a', '--', 'codex'], 'inspect takes one url or recording'],
    [['inspect', 'a', '--token', 'a b'], '--token takes letters, digits and . _ ~ + - alone.'],
    [['replay'], 'replay takes one file.'],
    [['replay', 'a', 'b'], 'replay takes one file.'],
    [['replay', 'a', '--speed', '0'], '--speed must be a number above 0, or max, not 0.'],
    [['replay', 'a', '--speed', 'fast'], 'or max, not fast.'],
    [['replay', 'a', '--port', '65536'], '--port must be a number from 0 to 65535, not 65536.'],
    [['replay', 'a', '--port', ''], '--port must be a number from 0 to 65535, not .'],
    [['replay', 'a', '--port=1', '--json'], '--port shows nothing here'],
    [['tail', 'a', '--port', '1'], 'tail has no option --port.'],
    [['demo', '--json'], 'demo has no option --json.'],
    [['record', 'a', '--json'], 'record has no option --json.'],
    [['constructor'], 'There is no command "constructor".'],
    [['tail', 'a', 'b'], 'tail takes one url.'],
    [['listen'], 'There is no command "listen".'],
    [['tail', 'a', '--loud'], "Unknown option '--loud'"],
    [['tail', 'a', '--thread'], "'--thread <value>' argument missing"],
  ])('says what is wrong with %j', (args, message) => {
    expect(() => readCommand(args)).toThrow(UsageError);
    expect(() => readCommand(args)).toThrow(message);
  });
});
