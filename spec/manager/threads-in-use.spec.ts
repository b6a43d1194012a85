import { describe, expect, test } from '@jest/globals';
import { envelope } from 'codex-rx/testing';
import { createThreadsInUse } from '../../lib/manager/threads-in-use.js';

const after = (...threadIds: readonly (string | null)[]): string[] => {
  const threads = createThreadsInUse();
  for (const threadId of threadIds) threads.see(envelope('a', null, { threadId }));
  return [...threads];
};

describe('threads in use', () => {
  test('are those that events came of, each once', () => {
    expect(after('a', 'b', 'a', 'a', null, 'b')).toEqual(['a', 'b']);
  });

  test('are the 100 that were heard last', () => {
    const ids = Array.from({ length: 100 }, (_, i) => `t${i}`);
    expect(after(...ids, 't0', 'new')).toEqual([...ids.slice(2), 't0', 'new']);
  });
});
