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

  it.each([
    [['tail'], 'tail takes one url.'],
    [['tail', 'a', 'b'], 'tail takes one url.'],
    [['listen'], 'There is no command "listen".'],
    [['tail', 'a', '--loud'], "Unknown option '--loud'"],
    [['tail', 'a', '--thread'], "'--thread <value>' argument missing"],
  ])('says what is wrong with %j', (args, message) => {
    expect(() => readCommand(args)).toThrow(UsageError);
    expect(() => readCommand(args)).toThrow(message);
  });
});
