import { expect, it } from '@jest/globals';
import { existsSync } from 'node:fs';
import { demo } from '../../lib/cli/demo.js';
import { fakeTerminal } from '../support/fake-terminal.js';
import { until } from '../support/until.js';

it('plays a recorded session over a websocket, loses nothing, and shows it', async () => {
  const { terminal, written } = fakeTerminal();
  expect(await demo(terminal, 100)).toBe(0);
  expect(written.err).toBe('');
  expect(written.out).toContain('‹ Hello from the mock model, twice.\n');
  expect(written.out).toContain('? request 0: item/commandExecution/requestApproval  /bin/bash');
  expect(written.out).toContain('! request 0 resolved: accept\n');
  expect(written.out).toMatch(/\$ .* completed\n +created\n/);
  expect(written.out).toContain('⚙ lookup_ticket  failed\n');
  expect(written.out).toContain('540 of 540 events received, 0 malformed, of 48 types.');
});

it('says that one handler fails on purpose before it does, and shows the others going on', async () => {
  const { terminal, written } = fakeTerminal();
  await demo(terminal, 100);
  const announced = written.out.indexOf('clumsyHandler, throws for each completed item on purpose');
  const failed = written.out.indexOf('✗ clumsyHandler: a bug in this handler; the others go on');
  expect(announced).toBeGreaterThan(0);
  expect(failed).toBeGreaterThan(announced);
  expect(written.out).toContain('  11  clumsyHandler  11 failed\n');
  expect(written.out).toContain('  11  showResult\n');
});

it('explains the words of the scripted model before they come', async () => {
  const { terminal, written } = fakeTerminal();
  await demo(terminal, 100);
  for (const word of ['"@say"', '"@think"', '"@shell"', '"@tool"']) {
    const prompt = written.out.indexOf(`› ${word.slice(1, -1)} `);
    expect(written.out.indexOf(word)).toBeGreaterThan(0);
    if (prompt >= 0) expect(prompt).toBeGreaterThan(written.out.indexOf(word));
  }
});

it('writes text in pieces, as it streams', async () => {
  const { terminal, written } = fakeTerminal();
  const seen: string[] = [];
  const out = (text: string) => {
    terminal.out(text);
    if (written.out.endsWith('Hello from the mock ')) seen.push(text);
  };
  await demo({ ...terminal, out }, 100);
  expect(seen).toEqual(['mock ']);
});

it('fits into 80 columns, what the session says included', async () => {
  const { terminal, written } = fakeTerminal(false, 80);
  await demo(terminal, 100);
  const tooLong = written.out.split('\n').filter((line) => line.length > 80);
  expect(tooLong).toEqual([]);
});

it('ends with where its handlers are, and what to try next', async () => {
  const { terminal, written } = fakeTerminal();
  await demo(terminal, 100);
  const [, ...paths] = /Their code: (\S+)\n +(\S+)\n/.exec(written.out) ?? [];
  expect(paths.map((path) => existsSync(path))).toEqual([true, true]);
  expect(written.out).toMatch(/\nTry next:\n {2}npx codex-rx tail .*\n(.+\n)+$/);
});

it('ends at once when it is interrupted', async () => {
  const { terminal, written, interrupt } = fakeTerminal();
  const code = demo(terminal, 0.01);
  await until(() => written.out.includes('thread started'));
  interrupt();
  expect(await code).toBe(0);
  expect(written.out).not.toContain('events received');
});

it('colours the timeline in a terminal', async () => {
  const { terminal, written } = fakeTerminal(true);
  await demo(terminal, 100);
  expect(written.out).toContain('\u001b[31m✗ clumsyHandler');
});
