// Two things that make tests of mutants quick and steady. One test that fails is enough: the specs have noticed the
// mutant, and the others need not run. And a test that fails without a mutant, for the machine is busy perhaps, does
// not end everything: it is named, and left out.

const Environment = require('@stryker-mutator/jest-runner/jest-env/node');
const { appendFileSync, existsSync, readFileSync } = require('node:fs');

/** A file of their names, line by line: mutants.mjs prints it. */
const leftOut = process.env.MUTANTS_LEFT_OUT;

module.exports = class extends Environment {
  constructor(...given) {
    super(...given);
    const handle = this.handleTestEvent;
    const isMutant = process.env.__STRYKER_ACTIVE_MUTANT__ !== undefined;
    const unsteady = new Set(
      existsSync(leftOut) ? readFileSync(leftOut, 'utf8').split('\n') : undefined,
    );
    let failed = false;
    this.handleTestEvent = async (event, state) => {
      if (event.name === 'test_start' && (failed || unsteady.has(nameOf(event.test)))) {
        event.test.mode = 'skip';
      }
      if (event.name === 'test_done' && event.test.errors.length > 0) {
        if (isMutant) failed = true;
        else leaveOut(event.test);
      }
      await handle(event, state);
    };
  }
};

function leaveOut(test) {
  const name = nameOf(test);
  appendFileSync(leftOut, `${name}\n`);
  test.errors.length = 0;
  test.mode = 'skip';
}

function nameOf({ name, parent }) {
  return parent ? [nameOf(parent), name].join(' ') : '';
}
