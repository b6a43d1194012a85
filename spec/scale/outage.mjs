// A publisher while NATS is away: what it keeps, what it drops, and what its process needs for that.

import { jetstream } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { startStreamServer, notification } from 'codex-rx/testing';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { startNatsServer } from '../../examples/scale-out/nats-server.mjs';
import { wait } from '../../examples/scale-out/scene.mjs';

const mebibyte = 2 ** 20;
const perSecond = 600;
/** So long that all that is bounded is full after a quarter of the time. */
const text = 'x'.repeat(8_000);
/** An event of a hundred may not be dropped. */
const durableEach = 100;

/** How much the heap may still grow by in the second half of the time. */
const allowed = 16 * mebibyte;

const bounds = { bounded: {}, unbounded: { bound: 1e9, maxBytes: 1e12 } };

/**
 * @param seconds How long NATS is away.
 * @param kind `bounded`, as a publisher is, or `unbounded`: what must be found.
 */
export async function outage(seconds, kind) {
  const [nats, source] = await Promise.all([startNatsServer(), startStreamServer()]);
  const publisher = fork(join(import.meta.dirname, 'outage/publisher.mjs'), {
    env: {
      ...process.env,
      NATS_URL: nats.url,
      SOURCE_URL: source.url,
      OPTIONS: JSON.stringify(bounds[kind]),
    },
    execArgv: ['--expose-gc'],
  });
  await once(publisher, 'message');
  const ask = async () => {
    publisher.send('measure');
    const [facts] = await once(publisher, 'message');
    return facts;
  };
  const sent = { events: 0, durable: 0 };
  const say = () => {
    const n = sent.events++;
    if (n % durableEach === 0) {
      sent.durable++;
      source.send(notification('turn/started', { threadId: 't', turn: { id: `turn-${n}` } }));
    } else
      source.send(
        notification('item/agentMessage/delta', { threadId: 't', delta: `${n} ${text}` }),
      );
  };
  const began = performance.now();
  let due = 0;
  const talking = setInterval(() => {
    for (due += perSecond / 50; due >= 1; due--) say();
  }, 20);
  await wait(2_000);
  const before = await ask();
  await nats.kill();
  const heaps = [];
  for (let second = 0; second < seconds; second++) {
    await wait(1_000);
    heaps.push((await ask()).heap);
  }
  const away = await ask();
  await nats.restart();
  const back = performance.now();
  await wait(3_000);
  clearInterval(talking);
  const took = (performance.now() - began) / 1_000;
  const drained = async () => {
    const deadline = performance.now() + 60_000;
    for (;;) {
      const facts = await ask();
      if (facts.queued === 0 && facts.role === 'leader') return facts;
      if (performance.now() > deadline) return facts;
      await wait(200);
    }
  };
  await drained();
  const stored = ((performance.now() - back) / 1_000).toFixed(1);
  // What was dropped last is announced before the next event.
  say();
  await wait(200);
  const after = await drained();
  const kept = await readStored(nats.url);
  publisher.kill();
  await once(publisher, 'exit');
  await Promise.all([source.close(), nats.close()]);
  const grown = (list) => +((Math.max(...list) - before.heap) / mebibyte).toFixed(1);
  const table = {
    [`NATS away for ${seconds} s, ${kind}`]: {
      'events/s': Math.round(sent.events / took),
      sent: sent.events,
      stored: kept.events,
      dropped: after.dropped,
      announced: kept.announced,
      durable: `${kept.durable} of ${sent.durable}`,
      'most queued': away.queued,
      'stored after, s': +stored,
      'heap after a half, MiB': grown(heaps.slice(0, seconds / 2)),
      'heap after all, MiB': grown(heaps.slice(seconds / 2)),
    },
  };
  return { table, sent, stored: kept, dropped: after.dropped, heaps };
}

/** What the stream has, and whether it is in order. */
async function readStored(url) {
  const nc = await connect({ servers: url });
  const consumer = await jetstream(nc).consumers.get('CODEX_outage');
  const { num_pending: count } = await consumer.info(true);
  const found = { events: 0, durable: 0, announced: 0, inOrder: true };
  let last = -1;
  let read = 0;
  for await (const message of await consumer.consume()) {
    const { type, payload } = message.json();
    if (type === 'codex_rx.gap') {
      // Each partition has a marker of each gap.
      if (message.subject.startsWith('codex.outage.ev.0.')) found.announced += payload.dropped;
    } else {
      found.events++;
      const isDurable = type.endsWith('turn.started');
      if (isDurable) found.durable++;
      const { turn, delta } = payload.params;
      const number = isDurable ? Number(turn.id.slice('turn-'.length)) : Number.parseInt(delta);
      if (number <= last) found.inOrder = false;
      last = number;
    }
    if (++read === count) break;
  }
  await nc.close();
  return found;
}

/** What is wrong with an outage. */
export function problemsOf({ sent, stored, dropped, heaps }) {
  const half = heaps.length / 2;
  const growth = Math.max(...heaps.slice(half)) - Math.max(...heaps.slice(0, half));
  return [
    ...(stored.events + dropped === sent.events
      ? []
      : ['events are missing that were not counted']),
    ...(stored.announced === dropped ? [] : [`${dropped} dropped, ${stored.announced} announced`]),
    ...(stored.durable === sent.durable ? [] : ['events are missing that may not be dropped']),
    ...(stored.inOrder ? [] : ['events are out of order, or stored twice']),
    ...(growth <= allowed
      ? []
      : [`the heap grew by ${(growth / mebibyte).toFixed(1)} MiB in the second half of an outage`]),
  ];
}
