import { describe, expect, test } from '@jest/globals';
import { createContexts } from '../../lib/stream/contexts.js';

describe('createContexts', () => {
  test('shares a context among events that came together, and no longer', () => {
    let threadId: string | null = null;
    const contextOf = createContexts(() => threadId);
    const first = contextOf(2, 5);
    expect(first).toEqual({ threadId: null, connection: 2, reconnects: 1, receivedAt: 5 });
    expect(contextOf(2, 5)).toBe(first);
    expect(contextOf(2, 6)).toEqual({ ...first, receivedAt: 6 });
    expect(contextOf(3, 6)).toEqual({ ...first, receivedAt: 6, connection: 3, reconnects: 2 });
    threadId = 't';
    expect(contextOf(3, 6).threadId).toBe('t');
  });
});
