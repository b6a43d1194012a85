// The router with one route that it cannot index: an operator of RxJS.

import { createRouter } from 'codex-rx';
import { filter } from 'rxjs';
import { eventTypes } from '../recorded.mjs';
import { events, handler, keys, measure } from './measure.mjs';

const types = eventTypes(keys);
const router = createRouter();
router.on(
  filter((event) => event.type !== ''),
  handler(),
);

const pool = events((i) => ({ type: types[i] }));
measure(pool, (event) => router.dispatch(event));
