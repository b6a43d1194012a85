// Skips the specs that the codex which is tested cannot pass, because it lacks what spec/codex/features.json lists.
// Their titles end with the version that has it, or had it last.

const { TestEnvironment } = require('jest-environment-node');
const { readFileSync } = require('node:fs');
const { join } = require('node:path');

const { current } = JSON.parse(readFileSync(join(__dirname, 'codex-versions.json'), 'utf8'));
const file = join(__dirname, '../spec/codex/features.json');
const features = JSON.parse(readFileSync(file, 'utf8')).map(({ specs, since, ...feature }) => ({
  ...feature,
  since: since === 'newest' ? current : since,
  patterns: specs.map((spec) => new RegExp(spec)),
}));

module.exports = class extends TestEnvironment {
  handleTestEvent({ name }, { rootDescribeBlock }) {
    if (name !== 'run_start') return;
    const missing = features.filter(({ since, until }) => !isBetween(since, until));
    for (const test of testsIn(rootDescribeBlock)) {
      const feature = missing.find(({ patterns }) =>
        patterns.some((one) => one.test(titleOf(test))),
      );
      if (feature === undefined) continue;
      const { since, until, what } = feature;
      test.mode = 'skip';
      test.name += ` [${until ? `until codex ${until}` : `since codex ${since}`}: ${what}]`;
    }
  }
};

const testsIn = (block) =>
  block.children.flatMap((child) => (child.type === 'test' ? [child] : testsIn(child)));

/** The titles of a test and of the blocks around it. */
function titleOf({ name, parent }) {
  return parent?.parent ? `${titleOf(parent)} › ${name}` : name;
}

/** Whether the tested version has what is there since one version, until another; patches do not count. */
function isBetween(since = '0.0', until = '9.9') {
  const version = minorOf(process.env.CODEX_VERSION);
  return minorOf(since) <= version && version <= minorOf(until);
}

function minorOf(version) {
  const [major, minor] = version.split('.').map(Number);
  return major * 1_000_000 + minor;
}
