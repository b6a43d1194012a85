// One run: clients that start, steer, interrupt and watch turns, a storm between them and their
// servers, and then the audit of what they said of each turn.

import { createJournal } from '../journal.mjs';
import { auditProcess } from '../process-audit.mjs';
import { randomFrom } from '../random.mjs';
import { sleep, until } from '../wait.mjs';
import { auditTurn } from './audit.mjs';
import { startTurnClient } from './client.mjs';
import { startWorld } from './world.mjs';

const threads = 4;

/** How long a turn may take at most, in ms. Without faults it takes half a second. */
const patience = { real: 60_000, control: 8_000 };

const happenings = ['cut', 'reset', 'away', 'stall', 'restart'];

/** @param options `seed`; `turns`: how many; `control`: a deliberate bug. */
export async function runTurns({ seed, turns, control = {} }) {
  const started = performance.now();
  const random = randomFrom(`turns/${seed}`);
  const journal = createJournal();
  const audit = auditProcess(journal);
  const isReal = control.finds === undefined;
  const sources = ['app-server', 'manager'].filter((name) => (control.source ?? name) === name);
  const worlds = await Promise.all(
    sources.map((name) => startWorld(name, random.fork(name), threads, control.world)),
  );
  const clients = [];
  for (const world of worlds) {
    for (const name of ['a', 'b']) {
      const client = `${world.source}/${name}`;
      const options = { name: client, world, random: random.fork(client), control };
      clients.push({ ...(await startTurnClient(options)), world });
    }
  }
  const report = (kind, message, { name }) => journal.violation(kind, message, { stream: name });
  const happened = Object.fromEntries(happenings.map((name) => [name, 0]));
  const records = [];
  const outcomes = {};
  /** The turns that are followed, each with its world if it was started here. */
  const running = new Map();
  let left = turns;
  let isOver = false;
  const storm = control.isCalm ? Promise.resolve() : rage();

  await Promise.all(
    clients.flatMap((client) => client.world.threadIds.map((id) => lane(client, id))),
  );
  isOver = true;
  await storm;
  for (const { proxy } of clients) proxy.set({ refuse: false, stall: false });
  const truths = new Map();
  for (const world of worlds) {
    truths.set(world, await world.truth());
  }
  const begun = records.filter(({ turnId }) => turnId !== null);
  if (isReal && begun.filter(isEnd).length < begun.length / 4) {
    journal.violation('recovery', 'most of the turns have no end');
  }
  for (const record of records) auditTurn(record, truths.get(record.client.world), report);

  await Promise.all(clients.map(({ stream }) => stream.close()));
  await Promise.all(clients.map(({ proxy }) => proxy.close()));
  await Promise.all(worlds.map((world) => world.close()));
  if (isReal) await audit.end(5_000);
  const seconds = (performance.now() - started) / 1000;
  return { seconds, turns: records.length, outcomes, happened, journal };

  /** Turns of one client in one thread, one after the other. */
  async function lane(client, threadId) {
    const script = random.fork(`${client.name}/${threadId}`);
    for (let n = 0; left > 0 && !(journal.has(control.finds) && !isReal); n++) {
      left--;
      const text = `${client.name}/${threadId}/${n}`;
      const turn = client.start(
        threadId,
        text,
        script.pick(['reject', 'steer', 'queue', 'queue', 'queue']),
      );
      // Looked at by many, and once more by each that has seen its end.
      for (let readers = script.whole(0, 3); readers > 0; readers--) turn.view$.subscribe();
      const beside = Promise.all([
        script.chance(control.meddles ?? 0.3) && meddle(client, turn, script),
        script.chance(0.3) && watchBeside(client, threadId, turn),
      ]);
      const record = await follow(client, turn, { text });
      // What steers a turn that hangs may hang with it.
      if (record) await beside;
      if (record && record.steered === undefined) record.steered = turn.steered;
      if (script.chance(0.3)) await sleep(script.between(0, 100));
    }
  }

  async function follow(client, turn, facts) {
    const begun = performance.now();
    let last = 'unseen';
    running.set(turn, facts.text === undefined ? null : client.world);
    turn.view$.subscribe(({ activity, status }) => (last = `${activity}, ${status}`));
    const ended = turn.ended
      .catch((error) => report('rejection', String(error), client))
      .finally(() => running.delete(turn));
    const limit = isReal ? patience.real : patience.control;
    const hang = until(() => !running.has(turn), limit).then(() => 'hang');
    const outcome = await Promise.race([ended, hang]);
    if (outcome === 'hang') {
      const what = facts.text ?? facts.turnId;
      report('hang', `${what} has no end: ${last}, turn ${turn.turnId}`, client);
    }
    if (typeof outcome !== 'object') return undefined;
    const { turnId } = turn;
    const seconds = (performance.now() - begun) / 1000;
    const record = { client, seconds, outcome, answer: await turn.answer, turnId, ...facts };
    const row = `${outcome.status}, ${outcome.by}`;
    (outcomes[row] ??= { manager: 0, 'app-server': 0 })[client.source]++;
    records.push(record);
    return record;
  }

  /** Interrupts or steers, after a while. */
  async function meddle(client, turn, script) {
    await sleep(script.between(0, 250));
    if (!control.meddles && script.chance(0.5)) await turn.interrupt();
    else {
      const text = `${turn.turnId}: ${'more '.repeat(script.whole(1, 2))}${script.whole(0, 1e9)}`;
      turn.steered = { text, ...(await turn.steer(text)) };
    }
  }

  /** The other client of the server watches the turn, too. */
  async function watchBeside(client, threadId, turn) {
    await until(() => turn.turnId !== null, 500);
    const { turnId } = turn;
    const other = clients.find(({ world, name }) => world === client.world && name !== client.name);
    if (turnId !== null) await follow(other, other.watch(threadId, turnId), { turnId });
  }

  /** What happens to connections and servers meanwhile. */
  async function rage() {
    const script = random.fork('storm');
    if (!isReal) await strike();
    for (let ends = 0; !isOver; ends = records.filter(isEnd).length) {
      await sleep(script.between(30, 250));
      // A slow machine gets no more of it for each turn.
      await until(() => isOver || records.filter(isEnd).length > ends, patience.control);
      const { proxy, name } = script.pick(clients);
      const what = script.weighted([
        { name: 'cut', weight: 4 },
        { name: 'reset', weight: 4 },
        { name: 'away', weight: 3 },
        { name: 'stall', weight: 1 },
        { name: 'restart', weight: 1 },
      ]).name;
      happened[what]++;
      journal.fault(name, what);
      if (what === 'cut' || what === 'reset') proxy[what]();
      else if (what === 'restart') script.pick(worlds).server.restart();
      else {
        proxy.set(what === 'away' ? { refuse: true } : { stall: true });
        if (what === 'away') proxy.reset();
        await sleep(script.between(20, 200));
        proxy.set({ refuse: false, stall: false });
        if (what === 'stall') proxy.reset();
      }
    }
  }

  /** Everybody is away until turns are over that were started here: their ends are lost. */
  async function strike() {
    const goesOn = ([{ turnId }, world]) => world?.runs(turnId);
    const followed = () => [...running].filter(goesOn);
    const isFollowed = (world) => followed().some(([, other]) => other === world);
    await until(() => isOver || worlds.every(isFollowed), patience.control);
    const lost = followed();
    for (const { proxy, name } of clients) {
      journal.fault(name, 'away');
      proxy.set({ refuse: true });
      proxy.reset();
    }
    await until(() => !lost.some(goesOn), patience.control);
    for (const { proxy } of clients) proxy.set({ refuse: false });
  }
}

const isEnd = ({ outcome }) => outcome.status !== 'incomplete';
