import { afterEach, expect, it, jest } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { until } from './support/until.js';

afterEach(() => {
  jest.restoreAllMocks();
});

const readme = readFileSync('README.md', 'utf8');

it('shows the example of the README as it is in examples/', () => {
  expect(readme).toContain(readFileSync('examples/quickstart.ts', 'utf8'));
});

it('has an example that runs as it stands, and prints what the README says', async () => {
  const printed: unknown[] = [];
  jest.spyOn(process.stdout, 'write').mockImplementation((text) => printed.push(text) > 0);
  jest.spyOn(console, 'log').mockImplementation((text: unknown) => {
    printed.push(text);
  });
  await import('../examples/quickstart.js');
  await until(() => printed.length === 2);
  expect(printed).toEqual(['Hello from Codex!', '\nThe turn is completed.']);
});
