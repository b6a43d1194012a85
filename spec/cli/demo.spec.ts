import { expect, it } from '@jest/globals';
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
  expect(written.out).toContain('540 of 540 events of 48 types received, 0 malformed;');
});

it('shows one handler failing, and the others going on', async () => {
  const { terminal, written } = fakeTerminal();
  await demo(terminal, 100);
  expect(written.out).toContain('Route "clumsyHandler" failed in its handler');
  expect(written.out).toContain('11 failures isolated');
  expect(written.out).toContain('  11  clumsyHandler  11 failed\n');
  expect(written.out).toContain('  11  showResult\n');
});

it('ends at once when it is interrupted', async () => {
  const { terminal, written, interrupt } = fakeTerminal();
  const code = demo(terminal, 0.01);
  await until(() => written.out.includes('thread started'));
  interrupt();
  expect(await code).toBe(0);
  expect(written.out).not.toContain('events of');
});

it('colours the timeline in a terminal', async () => {
  const { terminal, written } = fakeTerminal(true);
  await demo(terminal, 100);
  expect(written.out).toContain('\u001b[31m✗ Route "clumsyHandler"');
});
