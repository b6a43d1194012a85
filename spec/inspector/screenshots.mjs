// The images of docs/inspector.md. Run by `node .ci/inspector.mjs --screenshots`.

import { join } from 'node:path';
import { startCommand } from './command-line.mjs';
import { check, finish, images, live, openMorning, show, visit } from './stage.mjs';

const shoot = (page, name) => page.screenshot({ path: join(images, `inspector-${name}.png`) });

const sizes = [1280, 390].flatMap((width) => ['light', 'dark'].map((scheme) => [width, scheme]));
for (const [width, scheme] of sizes) {
  const options = { viewport: { width, height: 860 }, colorScheme: scheme, pace: 120 };
  await check(`${scheme}, ${width} px`, () =>
    openMorning(options, async ({ page, morning }) => {
      void morning.ask(await morning.play());
      await page.locator('inspector-card .accept:enabled').waitFor();
      await show(page, 'api-tests');
      await page.locator('.markdown pre').waitFor();
      await page.keyboard.press('0');
      await page.getByText(/^\d+ s on screen/).waitFor();
      await page.keyboard.press('ArrowRight');
      await shoot(page, `${scheme}-${width}`);
    }),
  );
}

await check('a gap', () =>
  openMorning({ pace: 120 }, async ({ page, morning }) => {
    void morning.ask(await morning.play());
    await page.locator('inspector-card').waitFor();
    for (const socket of morning.server.sockets) socket.terminate();
    await page
      .getByText(/^[\d.:]+ s were missed/)
      .first()
      .waitFor();
    await page.keyboard.press('0');
    await page.locator('inspector-problems button').click();
    await shoot(page, 'gap');
  }),
);

await check('a recording', async () => {
  const command = await startCommand('lib/cli/demo.jsonl');
  try {
    await visit(command.url, {}, async (page) => {
      const position = page.getByLabel('Position');
      // It is short: it is over, or will be.
      await page.getByRole('button', { name: 'Again' }).waitFor();
      const last = Number(await position.getAttribute('max'));
      await position.fill(String(Math.round(last * 0.8)));
      await page.getByRole('button', { name: 'Stop' }).click();
      await page.locator('inspector-item').first().waitFor();
      await live(page);
      await page.keyboard.press('0');
      await shoot(page, 'recording');
    });
  } finally {
    await command.end();
  }
});

await finish();
