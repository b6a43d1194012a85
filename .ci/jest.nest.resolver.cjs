// Nest is the one that is installed in the folder NEST_HOME, whichever module imports it.

const { join } = require('node:path');

const home = join(__dirname, '..', process.env.NEST_HOME);

module.exports = (request, options) => {
  const isOfNest = /^(@nestjs\/|reflect-metadata$)/.test(request);
  const isOutside = !options.basedir.startsWith(join(home, 'node_modules'));
  return options.defaultResolver(
    request,
    isOfNest && isOutside ? { ...options, basedir: home } : options,
  );
};
