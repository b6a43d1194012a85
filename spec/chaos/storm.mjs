// Faults at random moments, until it is over: cuts one after the other, and weather beside them.

import { calm, cuts, weather } from './faults.mjs';
import { sleep, until } from './wait.mjs';

/** How long a stream may take to come back, in milliseconds: far more than it needs. */
export const patience = 15_000;

/** A connection that was heard so lately is not dead: a fault has missed it. */
const lately = 600;

/**
 * @param lanes streams, each with its `name`, `proxy`, `client`, `lane`, `socketsOf` and `random`.
 * @param pace how much longer than usual a connection lives until it is cut.
 */
export function startStorm(lanes, journal, pace = 1) {
  const played = Object.fromEntries([...cuts, ...weather].map(({ name }) => [name, 0]));
  /** What the connections were doing that were cut. */
  const moments = { connecting: 0, opened: 0, ready: 0 };
  const counts = { cuts: 0, missed: 0 };
  let isStopped = false;

  /** A stream that does not come back is the end of the storm, too. */
  const isOver = () => isStopped || journal.has('recovery');
  const ended = Promise.all(lanes.flatMap((lane) => [cutOften(lane), changeWeather(lane)]));

  return {
    played,
    moments,
    counts,
    isOver,
    /** Resolves when every fault has come to its end. */
    async stop() {
      isStopped = true;
      await ended;
    },
  };

  async function cutOften({ name, proxy, client, lane, socketsOf, random: script }) {
    const { links, status, report } = client;
    const isBack = (isEarly) =>
      isEarly ? links.current && proxy.connections.length > 0 : status.name === 'ready';
    const givenUp = (link) => waitForTheEnd(link, report);

    for (let step = 1; ; step++) {
      const random = script.fork(`cut/${step}`);
      const isEarly = random.chance(0.25);
      const moment = isEarly ? random.between(0, 8) : pace * random.between(0, 120);
      const { name: fault, play } = random.weighted(cuts);
      do {
        const came = await until(() => isBack(isEarly) || isOver(), patience);
        if (!came) report('recovery', `it is ${status.name}, and did not come back`);
        await sleep(moment);
        if (isOver()) return;
      } while (links.current === null);

      const [link, state] = [links.current, status.name];
      journal.fault(name, `${fault}, while ${state}`);
      await play({ proxy, lane, links, socketsOf, givenUp, random });
      if (await givenUp(link)) {
        counts.cuts++;
        played[fault]++;
        moments[state]++;
      } else counts.missed++;
    }
  }

  async function changeWeather({ name, proxy, random: script }) {
    for (let step = 1; ; step++) {
      const random = script.fork(`weather/${step}`);
      const { name: fault, faults } = random.weighted(weather);
      const changes = faults(random);
      const [before, during] = [random.between(0, 600), random.between(50, 400)];
      await sleep(before);
      if (isOver()) return;
      journal.fault(name, fault);
      proxy.set(changes);
      played[fault]++;
      await sleep(during);
      proxy.set(Object.fromEntries(Object.keys(changes).map((change) => [change, calm[change]])));
    }
  }
}

/** Resolves with whether a stream has left a link; not, if the link lives after all. */
async function waitForTheEnd(link, report) {
  if (await until(() => link.isLeft, 1.5 * lately)) return true;
  const isHeard = () => Date.now() - link.heard.to < lately;
  if (await until(() => link.isLeft || isHeard(), patience)) return link.isLeft;
  report('recovery', `link ${link.number} is dead, and was not given up`);
  return false;
}
