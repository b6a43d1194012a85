export { createBoundedMap, type BoundedMap } from './bounded-map.js';
