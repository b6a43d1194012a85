import type { Route } from '../router/index.js';
import type { StreamMetrics } from './codex-stream.js';

/** How far the routes of a stream are behind. */
export function routeMetrics(
  routes: readonly Route[] = [],
): Pick<StreamMetrics, 'queued' | 'slowest'> {
  let queued = 0;
  let slowest: StreamMetrics['slowest'] = null;
  for (const { name, stats } of routes) {
    queued += stats.waiting;
    if (stats.slowest > (slowest?.ms ?? 0)) slowest = { route: name, ms: stats.slowest };
  }
  return { queued, slowest };
}
