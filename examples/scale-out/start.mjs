// npm run scale-out: a publisher with its standby, three workers, and a script that kills them while a counter audits.

import { startScene, wait } from './scene.mjs';

const scene = await startScene();
const { processes } = scene;
const talking = scene.talk();

const steps = [
  ['a worker is killed', () => processes.all('worker')[0]?.child.kill('SIGKILL')],
  [
    'the leading publisher is killed: its standby takes over',
    () => processes.leader()?.child.kill('SIGKILL'),
  ],
  ['a worker is asked to stop', () => processes.all('worker')[1]?.child.kill('SIGTERM')],
  [
    'nats-server is killed, and is back after a second',
    () =>
      scene.nats
        .kill()
        .then(() => wait(1_000))
        .then(scene.nats.restart),
  ],
];
for (const [what, act] of steps) {
  await wait(3_500);
  show();
  console.log(what);
  await act();
}
await wait(3_500);
await scene.settle();
await talking;
show();
await scene.end();

function show() {
  const { events, lost, again, inversions, gaps, calls, runs, unanswered } = scene.result();
  console.log(
    `  ${events} events handled (${lost} under way or lost, ${again} again, ${inversions} out of order, ${gaps} gaps), ${calls - unanswered} of ${calls} calls answered in ${runs} runs`,
  );
}
