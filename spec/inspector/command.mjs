// `codex-rx inspect` as a user runs it: the address that it prints, in front of a codex-manager and of a recording. Run by
// `npm run test:inspector`.

import assert from 'node:assert/strict';
import { startMorning } from '../../examples/inspector/morning.mjs';
import { startCommand } from './command-line.mjs';
import { accept, check, finish, live, visit } from './stage.mjs';

/** Runs with the command in front of a morning. */
async function withCommand(run) {
  const morning = await startMorning(2);
  const command = await startCommand(morning.server.url);
  try {
    await run(command, morning);
  } finally {
    await command.end();
    await morning.server.close();
  }
}

await check('a codex-manager: the page shows what waits, and its answer arrives', () =>
  withCommand(({ url }, morning) =>
    visit(url, {}, async (page) => {
      await live(page);
      assert.equal(new URL(page.url()).hash, '', 'the token stays in the address');
      const answer = morning.ask(await morning.play());
      await accept(page).click();
      assert.deepEqual(await answer, { result: { decision: 'accept' } });
    }),
  ),
);

await check('a recording: it plays when the page is there, and the page only looks', async () => {
  const command = await startCommand('lib/cli/demo.jsonl', '--speed', '20');
  try {
    assert.match(command.printed, /which only looks/);
    await visit(command.url, {}, async (page) => {
      await page.locator('inspector-transcript inspector-item').first().waitFor();
      assert.equal(await page.locator('inspector-composer').count(), 0);
      assert.equal(await page.locator('inspector-card .accept').count(), 0);
    });
  } finally {
    await command.end();
  }
});

await check('without the token the page shows nothing', () =>
  withCommand(({ url }) =>
    visit(url.replace(/#.*/, ''), {}, async (page) => {
      await page.getByText('lost, trying again').waitFor();
      assert.equal(await page.locator('inspector-threads .title').count(), 0);
    }),
  ),
);

await finish();
