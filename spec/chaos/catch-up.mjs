// After the storm.

import { patience } from './storm.mjs';
import { until } from './wait.mjs';

/** Each stream gives up a last socket, one that lives: it must let go of it. */
export const fallSilent = (lanes) =>
  Promise.all(
    lanes.map(async ({ client: { links, status }, lane }) => {
      await until(() => status.name === 'ready', patience);
      const link = links.current;
      Object.assign(lane, { quiet: true, pongs: false });
      await until(() => link === null || link.isLeft, patience);
      Object.assign(lane, { quiet: false, pongs: true });
    }),
  );

/** Each stream comes back, and gets all that is sent from then on. */
export async function catchUp(lanes, traffic) {
  const isBack = ({ client: { status, emitted }, lane }) =>
    status.name === 'ready' && emitted.socket === lane.newest.id;
  const hasAll = ({ client: { emitted }, lane }) =>
    emitted.socket === lane.newest.id && emitted.inConnection === lane.newest.sent;
  const each = (isTrue, complaint) =>
    Promise.all(
      lanes.map(async (one) => {
        if (await until(() => isTrue(one), patience)) return;
        one.client.report('recovery', complaint(one));
      }),
    );

  await each(isBack, ({ client }) => `it is ${client.status.name} after the storm`);
  traffic.pause();
  await each(hasAll, ({ client, lane }) => {
    const { inConnection } = client.emitted;
    return `${inConnection} of ${lane.newest.sent} events came after the storm`;
  });
}
