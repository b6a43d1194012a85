// Angular is the one that is installed in examples/angular, whoever imports it.

const { join } = require('node:path');

const home = join(__dirname, '../examples/angular');

module.exports = (request, options) => {
  const isAngular = /^(@angular\/|zone\.js|jsdom$)/.test(request);
  return options.defaultResolver(request, isAngular ? { ...options, basedir: home } : options);
};
