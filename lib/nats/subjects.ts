import { mustBe } from '../options/index.js';
import { sha256 } from './sha256.js';

/** A longer id is hashed, in characters of its escaped form. */
const maxTokenLength = 128;

const noThread = '_';

// Not by its name in a loop: see hash.ts.
const { imul } = Math;

/** The names of a tenant's subjects, streams and buckets. */
export interface Names {
  /** Events, gap markers and pieces of large events, in one order. */
  readonly stream: string;
  /** Events that a group gave up. */
  readonly deadStream: string;
  /** Who leads, with a time to live. */
  readonly leadBucket: string;
  /** The status of the publisher, and the number of partitions. */
  readonly stateBucket: string;
  /** Which worker works on a request, with a time to live. */
  readonly claimsBucket: string;
  /** The requests that a group has no more work with. */
  readonly doneBucket: string;
  readonly subjects: readonly string[];
  /** Everything of the tenant. */
  readonly all: string;
  /** All events, and gap markers. */
  readonly events: string;
  /** Workers send answers here (request and reply), and the leading publisher serves it. */
  readonly answer: string;
  /** The leading publisher announces here how requests have ended. */
  readonly settled: string;
  /** A new leader asks here (request and reply) for a standby that has heard more than it. */
  readonly standby: string;
  /** Server requests of all partitions. */
  readonly requests: string;
  /** Events that groups gave up. */
  readonly dead: string;
  deadOf(group: string, partition: number, token: string): string;
  /** Keys of the bucket of leases: workers and partitions of a group, in mode `leased`. */
  leases(group: string): {
    readonly all: string;
    readonly worker: string;
    readonly partition: string;
  };
  /** Key of the bucket of the state: up to where a group has handled a partition. */
  checkpoint(group: string, partition: number): string;
  partition(partition: number): string;
  event(partition: number, token: string, type: string): string;
  thread(partition: number, token: string): string;
  part(partition: number, token: string): string;
}

function mustBeToken(value: string, option: string): void {
  const isToken = typeof value === 'string' && /^[A-Za-z0-9_-]{1,64}$/.test(value);
  mustBe(isToken, option, 'a name of letters, digits, "_" and "-"');
}

/** No tenant has the name of a stream of another one. */
function mustBeTenant(tenant: string): void {
  mustBeToken(tenant, 'tenant');
  const isFree = !/_log_|_(log|dead)$/.test(tenant);
  mustBe(isFree, 'tenant', 'a name without "_log_", and without "_log" or "_dead" at its end');
}

/** The names of the log of a gateway. */
export interface LogNames {
  readonly stream: string;
  readonly all: string;
  /** Where a process announces that it writes the log from now on. */
  readonly opened: string;
  entry(token: string): string;
  part(token: string): string;
}

export function logNamesOf(tenant: string, name: string): LogNames {
  mustBeTenant(tenant);
  mustBeToken(name, 'name');
  const base = `codex.${tenant}.log.${name}`;
  return {
    stream: `CODEX_${tenant}_log_${name}`,
    all: `${base}.>`,
    opened: `${base}.opened`,
    entry: (token) => `${base}.entry.${token}`,
    part: (token) => `${base}.part.${token}`,
  };
}

export function namesOf(tenant: string): Names {
  mustBeTenant(tenant);
  const base = `codex.${tenant}`;
  const stream = `CODEX_${tenant}`;
  return {
    stream,
    deadStream: `${stream}_dead`,
    leadBucket: `${stream}_lead`,
    stateBucket: `${stream}_state`,
    claimsBucket: `${stream}_claims`,
    doneBucket: `${stream}_done`,
    subjects: [`${base}.ev.>`, `${base}.part.>`],
    all: `${base}.>`,
    events: `${base}.ev.>`,
    answer: `${base}.answer`,
    settled: `${base}.settled`,
    standby: `${base}.standby`,
    requests: `${base}.ev.*.*.app_server.request.>`,
    dead: `${base}.dead.>`,
    deadOf: (group, partition, token) => `${base}.dead.${group}.${partition}.${token}`,
    leases: (group) => ({
      all: `group.${group}.>`,
      worker: `group.${group}.worker.`,
      partition: `group.${group}.partition.`,
    }),
    checkpoint: (group, partition) => `checkpoint.${group}.${partition}`,
    partition: (partition) => `${base}.ev.${partition}.>`,
    event: (partition, token, type) => `${base}.ev.${partition}.${token}.${typeTokens(type)}`,
    thread: (partition, token) => `${base}.ev.${partition}.${token}.>`,
    part: (partition, token) => `${base}.part.${partition}.${token}`,
  };
}

const utf8 = new TextEncoder();

/** Percent-encodes the UTF-8 bytes of all but letters, digits, `-` and what `also` matches. */
const escape = (text: string, also = /[A-Za-z0-9-]/): string =>
  Array.from(text, (char) => {
    if (also.test(char) && char.length === 1) return char;
    // A lone surrogate has no bytes in UTF-8: its code stands for it.
    const code = char.charCodeAt(0);
    if (char.length === 1 && code >= 0xd800 && code <= 0xdfff) return `%u${code.toString(16)}`;
    return Array.from(utf8.encode(char), (byte) => `%${byte.toString(16).padStart(2, '0')}`).join(
      '',
    );
  }).join('');

const fitting = (text: string, escaped: string): string => {
  if (escaped === '') return '%';
  return escaped.length <= maxTokenLength ? escaped : `~${sha256(surrogateSafe(text))}`;
};

/** The text, with a mark in place of a lone surrogate, which UTF-8 would write as U+FFFD. */
const surrogateSafe = (text: string): string => escape(text);

/** The token of a thread: no two threads share one, and none has a dot, a wildcard or a space. */
export const threadToken = (threadId: string | null): string =>
  threadId === null ? noThread : fitting(threadId, escape(threadId));

/** The tokens of an event type: its dots stay, each part is escaped. */
export const typeTokens = (type: string): string => {
  const tokens = type.split('.').map((part) => escape(part, /[A-Za-z0-9_-]/) || '%');
  const joined = tokens.join('.');
  return joined.length <= 2 * maxTokenLength ? joined : `~${sha256(surrogateSafe(type))}`;
};

/** The partition of a thread, by FNV-1a of its token: as the server's own mapping computes it. */
export function partitionOf(token: string, partitions: number): number {
  let hash = 0x811c9dc5;
  for (const byte of utf8.encode(token)) hash = imul(hash ^ byte, 0x01000193) >>> 0;
  return hash % partitions;
}
