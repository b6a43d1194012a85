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

/** Reads the result of `initialize`. */
export function serverInfoOf(result: unknown): ServerInfo {
  const given = Object(result) as Partial<Record<keyof ServerInfo, unknown>>;
  const userAgent = textOf(given.userAgent) ?? '';
  const version = /^[^/]*\/(\d+\.\d+\.\d+[\w.-]*)/.exec(userAgent)?.[1] ?? null;
  return {
    name: 'codex',
    version,
    support: supportOf(version),
    userAgent,
    codexHome: textOf(given.codexHome),
    platformFamily: textOf(given.platformFamily),
    platformOs: textOf(given.platformOs),
  };
}

function supportOf(version: string | null): ServerSupport {
  const isFromSource = version === null || version.startsWith('0.0.0');
  if (isFromSource) return 'newer';
  if (minorOf(version) < minorOf(testedVersions.oldest)) return 'older';
  return minorOf(version) > minorOf(testedVersions.newest) ? 'newer' : 'tested';
}

/** A number that is larger for a later version; its patch does not count. */
function minorOf(version: string): number {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major * 1_000_000 + minor;
}

/** Writes a line about each version that was not tested, once. */
export function createSupportLog(log: StreamLog | false): (server: ServerInfo) => void {
  const logged = new Set<string | null>();
  return ({ name, version, support }) => {
    if (support === 'tested' || logged.has(version)) return;
    logged.add(version);
    const { oldest, newest } = testedVersions;
    const server = version === null ? `${name} of an unknown version` : `${name} ${version}`;
    const range = `the versions that codex-rx is tested with (${oldest} to ${newest})`;
    writeLog(log, `the server is ${server}, ${support} than ${range}. ${consequences[support]}`);
  };
}

const consequences = {
  older: 'What it does not send yet is missing, even where a type says that it is there.',
  newer: 'drift() lists what it sends that the types do not know.',
} as const;

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);
