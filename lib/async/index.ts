export { abortOf } from './abort-of.js';
export { maxTimerMs, now, ticks } from './clock.js';
export { resolveLazy, toObservable, type Later, type Lazy } from './lazy.js';
export { createSerializer, type Serialize } from './serializer.js';
export { isThenable } from './thenable.js';
