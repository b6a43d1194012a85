import { accept, approvals, connectManager, defineSkill, remoteSkills } from 'codex-rx';
import { connectAppServer } from 'codex-rx/node';
import type { Begun, Printed } from './service.js';

// A process of its own, a service that approves commands and books tables. It prints its sessions, and
// each request that a handler of its is asked to answer; until it is killed.

const { url, source, sessions, holds } = JSON.parse(process.env['SERVICE']!) as Begun;
const print = (printed: Printed) => process.stdout.write(`${JSON.stringify(printed)}\n`);

const never = () => new Promise<never>(() => undefined);

const stream =
  source === 'manager' ? connectManager({ url }) : connectAppServer({ url, experimental: true });
stream.requests.serve(approvals, (request) => {
  print({ asked: 'approval', threadId: request.threadId! });
  return holds ? never() : accept(request);
});

/** The skill of a thread, which may not have begun yet. */
function serveSkill(given: string | null) {
  const book = defineSkill({
    name: 'book',
    description: 'Books a table.',
    handler() {
      print({ asked: 'skill', threadId: skills.threadId! });
      return holds ? never() : 'booked';
    },
  });
  const skills = remoteSkills(stream, { skills: [book], ...(given && { threadId: given }) });
  skills.serve();
  return skills;
}

await stream.connect();
if ('threads' in sessions) {
  for (const threadId of sessions.threads) {
    serveSkill(threadId);
    if ('call' in stream) await stream.call('thread/resume', { threadId, excludeTurns: true });
  }
} else {
  for (const prompt of sessions.prompts) {
    const skills = serveSkill(null);
    const threadId = await skills.createSession({ cwd: sessions.cwd });
    await skills.send(prompt);
    print({ session: threadId });
  }
}
