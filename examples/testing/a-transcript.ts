import { test } from '@jest/globals';
import { connectAppServer } from 'codex-rx/node';
import { any, emits, expects, leaves, startTranscript } from 'codex-rx/testing/transcript';

test('a session begins as the protocol says', async () => {
  const server = await startTranscript([
    expects({ method: 'initialize', id: any }),
    emits(({ id }) => ({
      id,
      result: { userAgent: 'codex', codexHome: '/', platformOs: 'linux' },
    })),
    expects({ method: 'initialized' }),
    expects({ method: 'thread/start', id: any, params: { cwd: '/work' } }),
    emits(({ id }) => ({ id, result: { thread: { id: 'thread-1' } } })),
    leaves(),
  ]);
  const stream = connectAppServer({ url: server.url.replace('http', 'ws') });
  await stream.call('thread/start', { cwd: '/work' });
  await stream.close();
  await server.done(); // rejects with the first step that the client broke
  await server.close();
});
