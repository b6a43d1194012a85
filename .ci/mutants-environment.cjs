// One test that fails is enough: the specs have noticed the mutant, and the others need not run.

const Environment = require('@stryker-mutator/jest-runner/jest-env/node');

module.exports = class extends Environment {
  constructor(...given) {
    super(...given);
    const handle = this.handleTestEvent;
    let failed = false;
    this.handleTestEvent = async (event, state) => {
      if (event.name === 'test_done' && event.test.errors.length > 0) failed = true;
      if (event.name === 'test_start' && failed) event.test.mode = 'skip';
      await handle(event, state);
    };
  }
};
