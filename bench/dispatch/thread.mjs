// The router with a route for each of N threads, by thread and type.

import { createRouter, forThread, ofType } from 'codex-rx';
import { events, handler, keys, measure } from './measure.mjs';

const type = 'app_server.item.agent_message.delta';
const threadId = (i) => `01a203cc-6b3c-7523-8e8c-${String(i).padStart(12, '0')}`;
const router = createRouter();
for (let i = 0; i < keys; i++) {
  router.on(forThread(threadId(i)), ofType(type), handler());
}

const pool = events((i) => ({ type, threadId: threadId(i) }));
measure(pool, (event) => router.dispatch(event));
