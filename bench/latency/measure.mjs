// What the two clients have in common: each prints how long events took to reach its handler.
//
//   node <client>.mjs <url>

import { argv, exit, hrtime } from 'node:process';

/** @param connect Connects to `url`; calls `seen` with each event, and `end` when it is told to. */
export function measure(connect) {
  const times = [];
  connect({
    url: argv[2],
    seen({ payload: { at } }) {
      // Those that warm up come without a time.
      if (at !== undefined) times.push(Number(hrtime.bigint() - BigInt(at)) / 1_000);
    },
    end() {
      times.sort((a, b) => a - b);
      const part = (share) => times[Math.floor(times.length * share)];
      console.log(JSON.stringify({ events: times.length, p50: part(0.5), p99: part(0.99) }));
      exit();
    },
  });
}
