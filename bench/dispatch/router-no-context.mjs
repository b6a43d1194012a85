// The same without a context: as one dispatches by hand.

import { createRouter, ofType } from 'codex-rx';
import { eventTypes } from '../recorded.mjs';
import { events, handler, keys, measure } from './measure.mjs';

const types = eventTypes(keys);
const router = createRouter();
for (const type of types) router.on(ofType(type), handler());

const pool = events((i) => ({ type: types[i] }));
measure(pool, (event) => router.dispatch(event));
