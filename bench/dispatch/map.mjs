// What a dispatch cannot be cheaper than: a Map lookup and a call.

import { eventTypes } from '../recorded.mjs';
import { events, handler, keys, measure } from './measure.mjs';

const types = eventTypes(keys);
const handlers = new Map(types.map((type) => [type, handler()]));

const pool = events((i) => ({ type: types[i] }));
measure(pool, (event) => handlers.get(event.type)?.(event));
