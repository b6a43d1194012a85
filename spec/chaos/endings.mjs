// How streams end: those that are closed, and those that are turned away for good.

import { until } from './wait.mjs';

const refused =
  (status) =>
  async ({ proxy, client, patience }) => {
    proxy.set({ answer: status });
    proxy.connections.at(-1)?.reset();
    await until(() => client.status.name === 'complete', patience);
    return { reason: 'failed', code: status };
  };

export const endings = [
  { name: 'refused with 401', play: refused(401) },
  { name: 'refused with 403', play: refused(403) },
  { name: 'refused with 404', play: refused(404) },
  {
    name: 'closed',
    async play({ client }) {
      await client.stream.close();
      return { reason: 'closed' };
    },
  },
  {
    name: 'aborted',
    play({ client }) {
      client.abort();
      return { reason: 'aborted' };
    },
  },
];

/** Ends a stream, and checks how it ended. */
export async function endStream({ name, play }, context) {
  const { client } = context;
  const { reason, code = null } = await play(context);
  const { status } = client;
  const { state, reason: told, error } = status.current;
  if (status.name !== 'complete' || state !== 'closed' || told !== reason) {
    client.report('end', `${name}: it is ${status.name} (${state}, ${told})`);
  }
  if ((error?.code ?? null) !== code || (code && error.kind !== 'refused')) {
    client.report('end', `${name}: the error is ${error?.message}`);
  }
  await client.stream.close();
  client.settle();
}
