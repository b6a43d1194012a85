// Cuts, restarts of the gateway and losses of its source, while events are counted. Each number must
// come once and in order, or be missing inside of a gap that says so.

import { createJournal } from '../journal.mjs';
import { randomFrom } from '../random.mjs';
import { sleep, until } from '../wait.mjs';
import { startStage, threads } from './stage.mjs';

/** How long a client may take to come back, in ms. */
const patience = 20_000;

/**
 * @param options `seed`; `cuts` of clients and `restarts` of the gateway; `control`: a deliberate
 *   bug, and then the run ends as soon as it is found.
 */
export async function runGateway({ seed, cuts, restarts, control }) {
  const started = performance.now();
  const random = randomFrom(seed);
  const journal = createJournal();
  const stage = await startStage({
    random: random.next,
    control,
    logEvents: control?.logEvents ?? 20_000,
  });
  const counted = audit(stage.client(threads[0]), journal, 'counted');
  const all = audit(stage.client(), journal, 'all');
  const idle = audit(stage.client(threads[1]), journal, 'idle');
  const clients = [counted, all, idle];
  await Promise.all(clients.map(({ stream }) => stream.connect()));

  let number = 0;
  let [cut, restarted, lostSources, restartedSources] = [0, 0, 0, 0];
  const isDone = () => cut >= cuts && restarted >= restarts;
  const isFound = () => journal.has(control?.finds);
  while (!isDone() && !isFound()) {
    for (let left = random.whole(0, 60); left > 0; left--) stage.say(number++);
    await sleep(random.between(0, 6));
    if (restarted * cuts < cut * restarts) {
      restarted++;
      journal.fault('all', 'restart');
      const start = await stage.restart();
      for (let left = random.whole(0, 40); left > 0; left--) stage.say(number++);
      await sleep(random.between(0, 20));
      await start();
    } else if (random.chance(0.03)) {
      lostSources++;
      journal.fault('all', 'source');
      const isRestart = random.chance(0.3);
      if (isRestart) restartedSources++;
      const start = isRestart ? await stage.restartSource() : stage.cutSource();
      for (let left = random.whole(1, 40); left > 0; left--) stage.say(number++);
      await sleep(random.between(5, 30));
      await start?.();
    } else if (clients.every(({ isReady }) => isReady())) {
      const found = stage.cut();
      if (found > 0) cut++;
      journal.fault('all', 'cut');
    }
  }
  // What is left is read, and the last number shows that all is.
  const areBack = () => clients.every(({ isReady }) => isReady());
  if (!isFound()) {
    await until(() => areBack() && stage.isSourceReady(), patience);
    let isWhole = false;
    // What is said before the source has noticed that it was cut off is lost.
    for (let tries = 20; tries > 0 && !isWhole; tries--) {
      const last = number++;
      stage.say(last);
      isWhole = await until(
        () => [counted, all].every((one) => one.last() === last),
        patience / 20,
      );
    }
    if (!isWhole) journal.violation('unfinished', 'the last number did not come');
  }
  const sums = (name) => clients.reduce((sum, client) => sum + client.counts[name], 0);
  const result = {
    journal,
    seconds: (performance.now() - started) / 1_000,
    cuts: cut,
    restarts: restarted,
    lostSources,
    restartedSources,
    said: number,
    gaps: sums('gaps'),
    whole: sums('whole'),
    replayed: sums('replayed'),
    excused: sums('excused'),
  };
  await Promise.all(clients.map(({ stream }) => stream.close()));
  await stage.close();
  return result;
}

/** Watches the numbers of a client, and what its gaps say of them. */
function audit(stream, journal, name) {
  let last = -1;
  let isExcused = true; // before the first number
  let isReady = false;
  const counts = { gaps: 0, whole: 0, replayed: 0, excused: 0 };
  const where = { stream: 'all' };
  stream.status$.subscribe(({ state, phase }) => {
    isReady = state === 'open' && phase === 'ready';
  });
  stream.gaps$.subscribe(({ replay }) => {
    counts.gaps++;
    counts.replayed += replay?.events ?? 0;
    if (replay?.complete) counts.whole++;
    else {
      isExcused = true;
      const isHonest = replay?.reason === 'source';
      if (!isHonest) journal.violation('false gap', `${name}: ${JSON.stringify(replay)}`, where);
    }
  });
  stream.events$.subscribe(({ type, payload }) => {
    if (type !== 'app_server.count') return;
    const number = Number(payload.params.delta);
    if (number <= last) journal.violation('twice', `${name}: ${number} after ${last}`, where);
    else if (number > last + 1) {
      if (isExcused) counts.excused += number - last - 1;
      else journal.violation('lost', `${name}: ${number} after ${last}`, where);
    }
    isExcused = false;
    last = Math.max(last, number);
  });
  return { stream, counts, last: () => last, isReady: () => isReady };
}
