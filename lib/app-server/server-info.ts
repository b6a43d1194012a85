import { writeLog, type StreamLog } from '../text/index.js';
import { testedVersions } from './known-methods.js';

/**
 * Whether codex-rx was tested with a version: `older` and `newer` are outside of the range. Patches
 * of the newest version count as tested. A build from source says `0.0.0`, and counts as newer.
 */
export type ServerSupport = 'tested' | 'older' | 'newer';

/** What a server says of itself in the handshake. */
export interface ServerInfo {
  /** What it is: `codex`. It does not say so itself. */
  readonly name: string;
  /** Its version, as in `0.171.0`; `null` if its user agent has none. */
  readonly version: string | null;
  readonly support: ServerSupport;
  /** It begins with the name of a client, and the version of the server. */
  readonly userAgent: string;
  /** `null` before codex 0.125, like the platform. */
  readonly codexHome: string | null;
  readonly platformFamily: string | null;
  readonly platformOs: string | null;
}

/**
 * A version behind the name of a client, which may hold slashes too. Of no number more than nine
 * digits: what is matched takes linear time, and a version is short enough to be logged.
 */
const versionIn = /\/(\d{1,9}\.\d{1,9}\.\d{1,9}(?:[-+][\w.+-]{0,64})?)(?![^ ])/;

/**
 * Reads the result of `initialize`.
 *
 * @param clientName With this name the user agent begins, unless another client was the first.
 */
export function serverInfoOf(result: unknown, clientName = ''): ServerInfo {
  const given = Object(result) as Partial<Record<keyof ServerInfo, unknown>>;
  const userAgent = textOf(given.userAgent) ?? '';
  const isOwn = userAgent.startsWith(`${clientName}/`);
  const version = versionIn.exec(isOwn ? userAgent.slice(clientName.length) : userAgent)?.[1];
  return {
    name: 'codex',
    version: version ?? null,
    support: supportOf(version ?? null),
    userAgent,
    codexHome: textOf(given.codexHome),
    platformFamily: textOf(given.platformFamily),
    platformOs: textOf(given.platformOs),
  };
}

/** Servers from source call themselves `0.0.0`. */
const isUnknown = (version: string | null): boolean => version?.startsWith('0.0.0') ?? true;

function supportOf(version: string | null): ServerSupport {
  if (version === null || isUnknown(version)) return 'newer';
  const isBeforeOldest = version.startsWith(`${testedVersions.oldest}-`);
  if (isBeforeOldest || minorOf(version) < minorOf(testedVersions.oldest)) return 'older';
  return minorOf(version) > minorOf(testedVersions.newest) ? 'newer' : 'tested';
}

/** A number that is larger for a later version; its patch does not count. */
function minorOf(version: string): number {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major * 1_000_000 + minor;
}

/** A server may call itself anything, each time that it is reached. */
const mostLogged = 20;

/** Writes a line about each version that was not tested, once. */
export function createSupportLog(log: StreamLog | false): (server: ServerInfo) => void {
  const logged = new Set<string | null>();
  return ({ name, version, support }) => {
    if (support === 'tested' || logged.has(version) || logged.size >= mostLogged) return;
    logged.add(version);
    const { oldest, newest } = testedVersions;
    const server = version === null ? `${name} of an unknown version` : `${name} ${version}`;
    const than = isUnknown(version) ? `which counts as ${support} than` : `${support} than`;
    const range = `the versions that codex-rx is tested with (${oldest} to ${newest})`;
    writeLog(log, `the server is ${server}, ${than} ${range}. ${consequences[support]}`);
  };
}

const consequences = {
  older: 'What it does not send yet is missing, even where a type says that it is there.',
  newer: 'drift() lists what it sends that the types do not know.',
} as const;

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);
