// The router with a route for each of N event types, fed as a stream feeds it.

import { createRouter, ofType } from 'codex-rx';
import { eventTypes } from '../recorded.mjs';
import { events, handler, keys, measure } from './measure.mjs';

const types = eventTypes(keys);
const router = createRouter();
for (const type of types) router.on(ofType(type), handler());

const context = { threadId: null, connection: 1, reconnects: 0, receivedAt: Date.now() };
const pool = events((i) => ({ type: types[i] }));
measure(pool, (event) => router.dispatch(event, context));
