import { describe, expect, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';

// Each is a test of its own.
import '../examples/testing/a-bad-network.js';
import '../examples/testing/a-component.js';
import '../examples/testing/a-handler.js';
import '../examples/testing/a-pipeline.js';
import '../examples/testing/a-policy.js';
import '../examples/testing/a-reconnection.js';
import '../examples/testing/a-recording.js';
import '../examples/testing/a-server.js';
import '../examples/testing/a-skill.js';
import '../examples/testing/a-transcript.js';

const guide = readFileSync('docs/testing.md', 'utf8');
const own = readFileSync('spec/testing-guide.spec.ts', 'utf8');

describe('the guide to testing', () => {
  test.each(readdirSync('examples/testing'))('shows %s as it is in examples/', (file) => {
    const [, ...code] = readFileSync(`examples/testing/${file}`, 'utf8').split('\n');
    const name = file.replace('.ts', '');
    expect(guide).toContain(
      `<!-- example: ${name} -->\n\n\`\`\`ts\n${code.join('\n').trim()}\n\`\`\``,
    );
    expect(own).toContain(`'../examples/testing/${name}.js'`);
  });

  test('shows no example that is not there', () => {
    const shown = [...guide.matchAll(/<!-- example: ([\w-]+) -->/g)].map(
      ([, name]) => `${name}.ts`,
    );
    expect(shown.sort()).toEqual(readdirSync('examples/testing').sort());
  });
});
