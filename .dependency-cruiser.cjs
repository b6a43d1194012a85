/* The floors of lib/. A room imports itself and the rooms named beside it, nothing else; types count too. */
const base = ['async', 'bounded', 'text', 'options'];
const ground = [...base, 'protocol', 'envelope'];
const middle = [...ground, 'match', 'socket', 'router', 'requests', 'policy', 'stream'];
const sources = ['manager', 'app-server'];
const core = [...middle, ...sources, 'skills', 'state', 'recording'];

const rooms = {
  async: [],
  bounded: [],
  text: [],
  options: ['async', 'text'],
  protocol: [],
  envelope: [...base, 'protocol'],
  socket: base, // knows nothing of Codex
  match: ground,
  router: [...ground, 'match'],
  requests: [...ground, 'match', 'router'], // knows neither REST nor JSON-RPC
  policy: [...ground, 'match', 'requests'],
  stream: [...ground, 'match', 'socket', 'router', 'requests'], // what the two sources share
  manager: middle,
  'app-server': middle,
  skills: [...middle, ...sources],
  state: [...middle, ...sources],
  recording: [...middle, ...sources], // an entry of its own, which the core does not reach
};

const entries = {
  node: core,
  'json-schema': ['skills'],
  testing: [...core, 'node'],
  angular: core,
  gateway: [...core, 'node'],
  nats: [...core, 'gateway'],
  nest: [...core, 'gateway', 'nats'],
  cli: [...core, 'gateway', 'node', 'testing'],
};

/** Files that other rooms may import past the index of their room, each with the reason. */
const sideDoors = {
  'socket/native.ts': 'it is what `#websocket` means in browsers',
  'recording/no-secretlint.ts': 'it is what `#secret-rules` means in browsers',
  // The index of an entry is public, and these are not.
  'gateway/serve-inspector.ts': 'the command line plays a recording for the inspector',
  'recording/manager-frame.ts': 'the command line serves a recording',
  'recording/playback.ts': 'the command line shows when an event came',
  'recording/without-secrets.ts': 'the command line redacts what it prints',
  'manager/stream-protocol.ts':
    'the fake manager, the gateway and the command line serve the dialect',
  'testing/marble/alphabet.ts':
    'the kit for Angular runs in browsers, and the index brings servers',
  'testing/marble/letters.ts': 'as above',
  'testing/marble/marbles.ts': 'as above',
  'testing/marble/stream.ts': 'as above',
  'node/ws.ts': 'servers use `ws` where a browser condition hides it',
  // Entered before the rule was; they wait for their room.
  'app-server/message.ts': 'recording reads frames',
  'app-server/to-event.ts': 'recording and the fake servers make events of frames',
  'envelope/envelope-error.ts': 'recording reports frames that cannot be read',
  'manager/control.ts': 'recording knows the frames that are no events',
  'manager/create-manager-stream.ts': 'marbles make a stream over a transport that is played',
  'manager/manager-options.ts': 'marbles make a stream over a transport that is played',
  'manager/methods.ts': 'marbles and the gateway answer REST as the real manager does',
  'manager/request-events.ts': 'the fake manager sends what ends a request',
  'manager/rest.ts': 'the fake manager serves the REST API',
  'router/shield.ts': 'handlers of requests are isolated like routes',
  'socket/backoff.ts': 'answers over REST are tried again like connections',
  'socket/connection-contract.ts': 'the stream opens connections',
  'socket/fetch.ts': 'Node has its own',
  'socket/frame-reader.ts': 'Node has its own',
  'socket/redirect.ts': 'Node follows no redirect either',
  'socket/transport.ts': 'Node has its own',
};

const alsoTo = {
  // For codex-rx/angular/testing, which runs in browsers too: not the index, which brings servers.
  angular: ['^lib/testing/marble/'],
};

const anyOf = (names) => `^lib/(${names.join('|')})/`;
const entryRooms = anyOf(Object.keys(entries));
const allRooms = anyOf([...Object.keys(rooms), ...Object.keys(entries)]);
const onNode = '^lib/(node|cli|testing|gateway|nats)/';

const floor = (room, below, alsoTo = []) => ({
  name: `floor-of-${room}`,
  comment: `lib/${room} may import: ${[...below, ...alsoTo].join(', ') || 'no other room'}.`,
  severity: 'error',
  from: { path: anyOf([room]) },
  to: { path: '^lib/', pathNot: [anyOf([room, ...below]), ...alsoTo] },
});

module.exports = {
  forbidden: [
    ...Object.entries(rooms).map(([room, below]) => floor(room, below)),
    ...Object.entries(entries).map(([room, below]) =>
      floor(room, below, ['^lib/index\\.ts$', ...(alsoTo[room] ?? [])]),
    ),
    {
      name: 'angular-without-test-kit',
      comment: 'Only codex-rx/angular/testing uses the test kit.',
      severity: 'error',
      from: { path: '^lib/angular/index\\.ts$' },
      to: { path: '^lib/(testing|angular/testing)/', reachable: true },
    },
    {
      name: 'by-the-front-door',
      comment:
        'A room is entered through its index.ts; .dependency-cruiser.cjs lists the exceptions.',
      severity: 'error',
      from: { path: '^lib/(?:([^/]+)/|index\\.ts$)' },
      to: {
        path: '^lib/[^/]+/.',
        pathNot: [
          '^lib/$1/.',
          '^lib/[^/]+/(transcript/)?index\\.ts$',
          ...Object.keys(sideDoors).map((file) => `^lib/${file.replace('.', '\\.')}$`),
        ],
      },
    },
    {
      name: 'every-room-has-a-floor',
      comment: 'A new room of lib needs its line in .dependency-cruiser.cjs.',
      severity: 'error',
      from: {},
      to: { path: '^lib/.+/', pathNot: allRooms },
    },
    {
      name: 'core-stays-core',
      comment:
        'lib/index.ts runs in browsers and in Node: it reaches no entry, however long the way. ' +
        '(`#websocket` is the one seam; tsconfig.json resolves it to socket/native.ts.)',
      severity: 'error',
      from: { path: '^lib/index\\.ts$' },
      to: { path: [entryRooms, '^lib/recording/'], reachable: true },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'node-stays-in-node',
      comment:
        'Only lib/node, lib/cli, lib/testing, lib/gateway and lib/nats may use what Node brings.',
      severity: 'error',
      from: { path: '^lib/', pathNot: onNode },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'packages-for-node-stay-in-node',
      comment:
        'Only lib/node, lib/cli, lib/testing, lib/gateway and lib/nats may use ws and secretlint; others import ' +
        '`#websocket` and `#secret-rules`.',
      severity: 'error',
      from: { path: '^lib/', pathNot: onNode },
      to: { path: ['^ws$', '^ws/', '^node_modules/(@types/)?ws/', '@?secretlint-'] },
    },
    {
      name: 'only-what-users-install',
      comment: 'lib imports only dependencies and peerDependencies of package.json.',
      severity: 'error',
      from: { path: '^lib/' },
      to: {
        dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'],
        dependencyTypesNot: ['npm', 'npm-peer'],
      },
    },
    {
      name: 'lib-stands-alone',
      comment: 'lib imports no spec, example or benchmark.',
      severity: 'error',
      from: { path: '^lib/' },
      to: { path: '^(spec|examples|bench|\\.ci)/' },
    },
    {
      name: 'imports-resolve',
      severity: 'error',
      from: { path: '^lib/' },
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: '^node_modules/' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      conditionNames: ['types', 'import', 'node', 'default'],
      // The packages of NATS have no `main`.
      exportsFields: ['exports'],
    },
  },
};
