// What the reader of the documentation has: the types of names that its examples use and do not declare, by the path
// of the pages that use them. The longest path that names it counts. `null` means the name that the library exports.

const core = (name) => `import('codex-rx').${name}`;
const testing = (name) => `import('codex-rx/testing').${name}`;
const gatewayEntry = (name) => `typeof import('codex-rx/gateway').${name}`;
const appServer = `import('codex-rx/node').AppServerStream`;
const nest = (name) => `import('codex-rx/nest').${name}`;
const nats = `import('@nats-io/nats-core').NatsConnection`;
const own = '(...values: unknown[]) => void';

const ownFunctions = 'done draw fail log notify reload render save show showCards'.split(' ');
const marbleHelpers = 'hot stream expectAnswers expectEnvelopes expectErrors expectObservable';

const given = {
  '': {
    ...Object.fromEntries(ownFunctions.map((name) => [name, own])),
    url: 'string',
    threadId: 'string',
    turnId: 'string',
    id: 'string',
    signal: 'AbortSignal',
    token: '() => string',
    text: 'string',
    stream: core('ManagerStream'),
    requests: core('ServerRequests'),
    request: core("ServerRequest<'item/commandExecution/requestApproval'>"),
    router: core('StreamRouter'),
    weather: core('Skill'),
    sink: `import('codex-rx/recording').RecordingSink`,
    server: testing('StreamServer'),
    run: '(tool: string, input?: unknown, signal?: AbortSignal) => Promise<string>',
    // Of any test framework.
    test: '(name: string, run: () => unknown) => void',
    describe: '(name: string, run: () => unknown) => void',
  },
  'docs/testing': {
    request: null,
    createMyRouter: '() => ' + core('StreamRouter'),
    startMyStage: '() => Promise<' + testing('SourceStage') + '>',
  },
  'docs/gateway': {
    serveGateway: gatewayEntry('serveGateway'),
    authorize: "import('codex-rx/gateway').Authorize",
    feed: "import('codex-rx/gateway').Feed",
    findUser:
      '(token: string | null) => Promise<{ name: string; mayAnswer: boolean; threads: Set<string> } | null>',
    lastEventId: 'string',
    showBanner: '(text: string) => void',
  },
  'lib/gateway/': {
    ...Object.fromEntries(
      'eventStream feedLog inspect memoryLog serveGateway'
        .split(' ')
        .map((name) => [name, gatewayEntry(name)]),
    ),
    feed: "import('codex-rx/gateway').Feed",
    request: '{ headers: Record<string, string | undefined> }',
  },
  'lib/app-server/': { stream: appServer },
  'lib/nats/': {
    nc: nats,
    ...Object.fromEntries(
      'consumeFrom jetStreamLog publishTo replayThread'
        .split(' ')
        .map((name) => [name, `typeof import('codex-rx/nats').${name}`]),
    ),
    feedLog: gatewayEntry('feedLog'),
    serveGateway: gatewayEntry('serveGateway'),
  },
  'lib/json-schema/': { notes: '{ add(text: unknown): string }' },
  'lib/nest/': {
    AppModule: 'object',
    app: `import('@nestjs/common').INestMicroservice`,
    strategy: nest('CodexStrategy'),
    health: nest('CodexHealth'),
    terminus: '{ check(indicators: readonly (() => object)[]): Promise<unknown> }',
  },
  'lib/state/': { views$: `import('rxjs').Observable<${core('ThreadView')}>` },
  'lib/testing/': { request: null, stream: null },
  'lib/testing/app-server/': { server: testing('FakeAppServer'), thread: '{ id: string }' },
  'lib/testing/manager/': { server: testing('FakeManager') },
  'lib/testing/transcript/': { serverInfo: 'object' },
  'lib/testing/checks/': {
    createMyRouter: '() => ' + core('StreamRouter'),
    startMyStage: '() => Promise<' + testing('SourceStage') + '>',
    proxy: '{ url: string; broadcast(frame: unknown): void }',
    stream: core('ManagerStream'),
    expectEnvelopes: testing("MarbleTest['expectEnvelopes']"),
  },
  'lib/testing/marble/': {
    source: core('ManagerStream'),
    ...Object.fromEntries(
      marbleHelpers.split(' ').map((name) => [name, testing(`MarbleTest['${name}']`)]),
    ),
  },
};

/** The type of a name on a page; `undefined` if the reader has none. */
export function givenOn(path, name) {
  const folders = Object.keys(given).filter((folder) => path.startsWith(folder));
  const longest = folders
    .filter((folder) => name in given[folder])
    .sort((a, b) => b.length - a.length)[0];
  return longest === undefined ? undefined : (given[longest][name] ?? undefined);
}
