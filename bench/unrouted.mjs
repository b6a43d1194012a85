// What a frame costs a stream that drops what is not routed, x bare `ws` + JSON.parse + switch: CPU time, without the
// sender's.
//
// All consumers live in one process, each with a socket of its own, and get slices of 2,500 frames in random order: what
// a slice costs is divided by bare's slice of the same round. The figure is the median of the rounds, the first of which
// only warm up. A process for each consumer swings by a factor of two with what else runs; these ratios do not.
//
// floor            `ws` that only counts: no frame is read
// one type         a route of 0.8 % of the frames; requests are followed, as they always are
// one thread       a route of one thread of a hundred
// ... lean         the same frames without those that requests read
// all wanted       a route of every type, so that nothing is dropped: with the option, and without
// 1,000 routes     a route of each of 1,000 types, nothing ignored: for the same frames, and for them as they were
//                  recorded
//
// The frames are the recorded ones, as a hundred interleaved sessions, each with its own thread ids.

import { program } from './process.mjs';
import { consumers } from './unrouted/consumers.mjs';

/** Slices of each consumer, three quarters of which count: fewer show what is not compiled yet. */
const slices = (events) => Math.max(8, Math.round(events / 2_500));

export async function unrouted({ events, only }) {
  if (!consumers.some(({ name }) => name.includes(only))) return [];
  return (await program('unrouted/measure.mjs', slices(events), only)).rows;
}
