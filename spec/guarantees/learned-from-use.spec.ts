import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';

// What using the library has taught, and the specs that hold it since: one line for each lesson.
// `npx jest spec/guarantees/learned-from-use` shows them; each file is run as any other.

/** A file below spec, or elsewhere if it says so, and what it calls its spec. */
type Held = readonly [file: string, ...titles: string[]];

const lessons: Readonly<Record<string, Readonly<Record<string, readonly Held[]>>>> = {
  'a decided answer arrives, and only where it was asked for': {
    'an answer that is decided during an outage arrives after it, with one run of its handler': [
      ['manager/outages', 'is delivered once when the server is there again, and its handler runs'],
      ['manager/request-port', 'is kept while the connection hangs for %i ms, and then delivered'],
      ['requests/app-server', 'whose answer could not be sent get it when they come again'],
      ['node/killed-service', 'answers what was pending, and what was asked while there was none'],
      ['codex/reconnection.codex', 'is answered again if the answer was lost on its way'],
    ],
    'no outage lets a fallback replace an answer': [
      ['requests/serve', 'an answer that is %s gives way to the fallback: %s'],
      ['skills/remote-skills', 'send an answer again without running the skill again'],
    ],
    'the answer to a request of codex-manager is for no other with its id': [
      [
        'manager/request-port',
        'approves nothing else by the same id, if it is given while nobody is connected',
        'approves nothing else by the same id, if nobody knows yet that it is another',
        'approves nothing else by the same id, if it has to be sent again',
      ],
    ],
    'the answer to a request of an app-server is for no other with its id': [
      ['requests/app-server', 'of a server that was restarted get no answer that was meant for'],
      ['requests/registry', 'what is known by nothing but its id may mean another'],
      ['codex/reconnection.codex', 'an answer for a codex that is gone is none for its successor'],
    ],
    'no clock that is set decides anything': [
      ['requests/ledger', 'orders it by a counter that only grows'],
      ['socket/heartbeat', 'finds no peer dead that answers', 'finds a peer dead that is silent'],
      ['socket/connection', 'a clock that is set by %i ms makes no connection stable'],
    ],
    'no fallback approves, whatever the method': [
      ['requests/serve', 'takes a fallback of your own, unless it approves, fails or does not fit'],
      ['requests/answers', 'an answer approves'],
    ],
    'the audit says what the wire says': [
      ['requests/given', 'is what is sent, and not the object that was given'],
    ],
    'one handler declines every approval, those of older servers too': [
      ['requests/builders', 'serve(approvals, decline) is a complete handler: %s'],
    ],
  },
  'a policy lets through what is certainly harmless': {
    'only the shells of a machine count as the shell around a command': [
      ['policy/policy', 'lets no command pass that might do something else: %s'],
      ['policy/policy', "./sh -c 'ls'", '/tmp/bash -lc'],
    ],
    'no character that any shell acts on passes': [
      ['policy/shells', 'lets nothing through that runs a second program or makes a file in any'],
    ],
    'a folder is absolute, and a file is in it by the rules of its file system': [
      ['policy/shells', 'lets no file through that is outside of the folder'],
      ['policy/policy', '"path" must be an absolute path'],
    ],
    'a change passes if all of its files are known and up to date': [
      ['policy/policy', 'lets a change pass all of whose files are known and inside'],
      ['requests/builders', 'changes have one shape, and are kept up to date'],
    ],
    'deny sees through letter case, Unicode, quotes, escapes and what runs a command': [
      ['policy/policy', 'deny sees through', 'deny reads the escapes of a shell'],
      ['policy/policy', 'deny looks behind what runs a command'],
    ],
  },
  'nothing is silent': {
    'a server that cannot be reached is logged, and connect() can give up': [
      ['stream/log', 'logs the first failure to connect and each change of its reason'],
      ['stream/readiness', 'connect({ timeout }) rejects with the last reason as cause'],
      ['gateway/inspected', 'a report is written to the log of the program unless the program'],
    ],
    'an unknown option is a TypeError, at any depth and in every entry': [
      ['options/unknown-options', 'is refused, with the name that is nearest to it'],
      ['angular/provide-codex', 'refuses an option that it does not know'],
    ],
    'an error carries its cause': [
      ['stream/readiness', 'connect() of a stream that is closed while it tries again says why'],
      ['app-server/calls', 'rejects when the stream is closed, before or after it was sent'],
    ],
    'a call opens the stream, which stays open': [
      ['app-server/calls-and-signals', 'a call opens the stream until it is closed'],
    ],
    'requests of before the connection, and of sessions that began in a gap, are found': [
      ['manager/recovery', 'are served, whatever their session'],
      ['manager/recovery', 'are asked, and the recovery of the gap says how many were not'],
      ['manager/recovery', 'are looked for in 200 sessions, and that there are more is said'],
    ],
    'requests are there for whoever looks late': [
      ['manager/recovery', 'are served by a handler that comes later', 'are observed'],
    ],
    'a console that throws harms nothing': [
      ['text/log', 'a log that %s harms nothing'],
      ['guarantees/isolation', 'A listener of errors that throws is harmless.'],
    ],
    'a session that could not be heard is not made': [
      ['skills/remote-skills', 'make no session on a stream that hears one thread, by %s'],
    ],
    'a full disk is a failure, and a reader that leaves is none': [
      [
        'cli/outputs',
        'a full disk is a message and a failure',
        'a reader of stdout that leaves is an end, and no failure',
        'a reader of stderr that leaves changes nothing',
      ],
    ],
    'a mistyped method is an error of its type': [
      ['match/editor', 'says of %s what is wrong and what to write'],
      ['requests/server-requests.types', 'handlers are typed by what they serve'],
    ],
  },
  'untrusted text and input do no harm': {
    'what a terminal acts on is visible': [
      ['text/visible', 'leaves no control in any text, and nothing to show in what it has shown'],
      ['text/log', 'has no controls in %s'],
      ['text/messages', 'a message that quotes %s shows its control characters'],
      ['cli/timeline', 'shows what a terminal would act on'],
      ['cli/tail-live', 'escapes what an agent wrote, in what goes on and in what is over'],
      ['text/visible', 'has the same value, and no control'],
    ],
    'bodies, and output that nobody reads, have a bound': [
      [
        'manager/rest-bodies',
        'that never ends is not read to its end, not even that of the health',
      ],
      ['cli/replay-session', 'reads on only as fast as its output is read'],
      ['guarantees/every-transport', 'what a server does not read has a bound'],
    ],
    'a frame costs time in proportion to its size': [
      ['guarantees/every-transport', 'a request nested %i deep is read or reported'],
      ['app-server/message', 'are found in a frame of megabytes of escapes'],
      ['recording/redaction-rules', 'take time in proportion to the text: %s'],
      ['policy/policy', 'and has few readings of a long command of %j'],
    ],
    'the limits of a route hold over all of its keys': [
      ['router/handler-queue-keys', 'holds its limits for all keys together'],
    ],
    'secrets are cut, and harmless texts are not': [
      ['recording/redaction-corpus', 'cuts at least 95 %% of the kinds: %s'],
      ['recording/redaction-corpus', 'alters at most 2 % of the harmless texts'],
      ['cli/run', 'shows no credentials of its arguments: %j'],
    ],
  },
  'every transport behaves alike': {
    'the query of a url is kept': [
      ['guarantees/every-transport', 'the query of the url is kept, byte for byte: %s'],
      ['manager/rest', 'keeps a signed query byte for byte: %s'],
    ],
    'credentials are sent, whatever their characters': [
      ['guarantees/every-transport', 'the credentials of the url are sent: %s'],
    ],
    'bytes that are no text are reported, and noise before the first frame costs nothing': [
      ['guarantees/every-transport', 'bytes that are not UTF-8 are reported'],
      ['guarantees/every-transport', '%s in front of the first frame costs nothing'],
      ['guarantees/every-transport', 'what is no JSON before the first frame is reported'],
    ],
    'other runtimes, and test runners with browser conditions, connect': [
      ['.ci/runtimes.mjs', 'jest with jsdom, cjs', 'jest with jsdom, esm'],
      ['.ci/runtimes.mjs', 'vitest with browser conditions'],
    ],
    'subprotocols are agreed on, and a server that wants none of them is named': [
      ['guarantees/every-transport', 'the first subprotocol that the server takes is agreed on'],
      ['node/websocket', 'a server that does not agree on a subprotocol has refused: %s'],
    ],
    'an id is answered as it came': [
      ['app-server/message', 'of an id are written as they came'],
      ['envelope/identity', 'finds %p wherever a request is named, and as it is'],
    ],
    'a redirect says where it leads': [
      ['guarantees/every-transport', 'is not followed, and its error says where it leads'],
      ['manager/rest-bodies', 'says where a redirect leads, which it does not follow'],
    ],
    'close() leaves no process behind': [
      ['node/child-process', 'close waits for what it has started too'],
      ['node/child-process', 'close waits for what it has started %s'],
    ],
    'all that share a signal add one listener': [
      ['async/abort-of', 'that share a signal add one listener, and leave none'],
    ],
  },
  'types and documents say what is': {
    'a route of several steps keeps the type of its payload': [
      ['router/stream-router.types', 'gives it what several steps make of events, from left to'],
    ],
    'each example of the documentation is run': [
      ['documentation', 'shows %s, which is run'],
      ['readme', 'has an example that runs as it stands, and prints what the README says'],
    ],
    'the types are those of the server, integers that are enums included': [
      ['protocol/shape', "{ type: 'integer', enum: [1, 2] }"],
      ['codex/results.codex', 'is of that type: %s'],
    ],
    'a call shows its id, emits its parts and is cancelled': [
      ['app-server/partial-calls', 'has an id, which is fixed at once and is its own'],
      ['app-server/partial-calls', 'that %s is cancelled at the server, where there is a method'],
      ['app-server/partial-calls', 'is cancelled when its Observable is unsubscribed'],
    ],
    'types know what an event always carries': [
      ['envelope/carried-ids.types', 'are strings after a matcher of such methods'],
      ['envelope/manager-event.types', 'have the members of their type, in every recording'],
      ['requests/server-requests.types', 'requests and answers are typed by their method'],
    ],
  },
  'cost does not grow with what is there already': {
    'a route costs the same beside any number of others': [
      ['router/route-index', 'puts a list together once for each type, until a route of that type'],
    ],
    'a loaded machine fails no spec': [['jest.config.ts', 'testTimeout: 30_000']],
    'no spec waits for the garbage collector at a given moment': [
      ['router/handler-queue-keys', 'forgets a key when its handler has ended with %s'],
    ],
  },
};

const read = (file: string): string => {
  const path = /\.(?:ts|mjs)$/.test(file)
    ? file
    : `spec/${file}${file.endsWith('.codex') ? '-spec' : '.spec'}.ts`;
  return readFileSync(path, 'utf8').replaceAll("\\'", "'");
};

describe.each(Object.entries(lessons))('%s', (_, table) => {
  test.each(Object.entries(table))('%s', (_lesson, held) => {
    const missing = held.flatMap(([file, ...titles]) => {
      const text = read(file);
      return titles.filter((title) => !text.includes(title)).map((title) => `${file}: ${title}`);
    });
    expect(missing).toEqual([]);
  });
});
