// One run: servers that ask, clients that answer, and outages of minutes between them, in time that
// passes faster.

import { runRequests } from '../requests/run.mjs';
import { happenings, playOutages } from './script.mjs';
import { scaleTime } from './time.mjs';

/** How much faster time passes. */
const factor = 20;

/** @param options `seed`; `outages`: how many, in each of the worlds; `control`: a deliberate bug. */
export async function runOutages({ seed, outages, control = {} }) {
  const time = scaleTime(factor);
  const weather = {
    happenings,
    playScript: playOutages(outages, time, control),
    startStorm: (_lanes, journal) => ({
      isOver: () => journal.has('recovery'),
      stop: async () => undefined,
      counts: { cuts: 0, missed: 0 },
      played: {},
      moments: {},
    }),
    worlds: ['manager-1', 'app-server-1'],
    // Streams as they are by default; handlers that take up to half a minute, or three.
    clients: { settings: {}, jitter: 1, patience: 200 },
  };
  try {
    const options = { seed: `outages/${seed}`, asked: Infinity, seconds: Infinity };
    const result = await runRequests({ ...options, control, weather });
    return { ...result, factor };
  } finally {
    time.restore();
  }
}
