import { describe, expect, test } from '@jest/globals';
import { createWriteStream } from 'node:fs';
import { PassThrough, type Writable } from 'node:stream';
import { watchOutputs } from '../../lib/cli/outputs.js';

function watched(outputs: { readonly stdout?: Writable; readonly stderr?: Writable }) {
  const { stdout = new PassThrough(), stderr = new PassThrough() } = outputs;
  const calls: string[] = [];
  watchOutputs(
    { stdout, stderr },
    { stop: () => calls.push('stop'), fail: () => calls.push('fail') },
  );
  return { calls, said: () => (stderr instanceof PassThrough ? String(stderr.read() ?? '') : '') };
}

async function failing(stream: Writable): Promise<void> {
  const failed = new Promise((resolve) => stream.once('error', resolve));
  stream.write('a line\n');
  await failed;
}

describe('the outputs of the command line', () => {
  test('a full disk is a message and a failure', async () => {
    const stdout = createWriteStream('/dev/full');
    const { calls, said } = watched({ stdout });
    await failing(stdout);
    expect(calls).toEqual(['fail', 'stop']);
    expect(said()).toMatch(/^codex-rx: cannot write to stdout: ENOSPC/);
  });

  test('each error of a stdout that has failed stops the command, and one is printed', () => {
    const stdout = new PassThrough({ autoDestroy: false });
    const { calls, said } = watched({ stdout });
    stdout.emit('error', Object.assign(new Error('one'), { code: 'EIO' }));
    stdout.emit('error', Object.assign(new Error('two'), { code: 'EIO' }));
    expect(calls).toEqual(['fail', 'stop', 'fail', 'stop']);
    expect(said()).toBe('codex-rx: cannot write to stdout: one\n');
  });

  test('a reader of stdout that leaves is an end, and no failure', () => {
    const stdout = new PassThrough();
    const { calls, said } = watched({ stdout });
    stdout.emit('error', Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
    expect(calls).toEqual(['stop']);
    expect(said()).toBe('');
  });

  test('a reader of stderr that leaves changes nothing', () => {
    const stderr = new PassThrough();
    const { calls } = watched({ stderr });
    stderr.emit('error', Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
    expect(calls).toEqual([]);
  });

  test('a stderr on a full disk is a failure, and the command goes on', async () => {
    const stderr = createWriteStream('/dev/full');
    const { calls } = watched({ stderr });
    await failing(stderr);
    expect(calls).toEqual(['fail']);
  });
});
