import { folded, matches, matchesLoosely, type Pattern } from './pattern.js';

/** What `allow` takes for a path on one of the two kinds of file systems. */
const posix = /^(?:\/[^\\/\p{Cc}]+)+$/u;
/** Without streams, wildcards, devices, and endings that Windows drops. */
const windows =
  /^[a-z]:(?:[\\/](?!(?:con|prn|aux|nul|com[\d¹²³]|lpt[\d¹²³]|conin\$|conout\$|clock\$) *(?:\.|[\\/]|$))[^\\/:*?"<>|~\p{Cc}]*[^\\/:*?"<>|~\p{Cc} .])+$/iu;
const hasDots = /(?:^|[\\/])\.{1,2}(?:[\\/]|$)/;

/** A path in the form in which it is compared; `null` if it is not plain and absolute. */
function plainPath(path: string): string | null {
  if (hasDots.test(path)) return null;
  if (posix.test(path)) return path;
  if (!windows.test(path)) return null;
  return path.charAt(0).toUpperCase() + path.slice(1).replaceAll('/', '\\');
}

/**
 * A folder that ends with what separates the names in it; `null` if it is not plain and absolute.
 */
function plainFolder(path: string): string | null {
  if (path === '/') return path;
  if (/^[a-z]:[\\/]$/i.test(path)) return `${path.charAt(0).toUpperCase()}:\\`;
  const plain = plainPath(path.replace(/[\\/]$/, ''));
  return plain && plain + (plain.startsWith('/') ? '/' : '\\');
}

/** Whether a folder can be given to `allow`. */
export const isFolder = (path: string): boolean => plainFolder(path) !== null;

/** Whether a file is certainly what a pattern means, or in the folder that it names. */
export function isInside(pattern: Pattern, file: string): boolean {
  const plain = plainPath(file);
  if (plain === null) return false;
  if (typeof pattern !== 'string') return matches(pattern, file);
  const folder = plainFolder(pattern);
  return folder !== null && (plain.startsWith(folder) || `${plain}${folder.at(-1)}` === folder);
}

/**
 * Whether a file may be what a pattern means, or in the folder that it names, on any file system.
 */
export function mayBeInside(pattern: Pattern, file: string): boolean {
  const path = loosePath(file);
  if (typeof pattern !== 'string') {
    return [file, path].some((each) => matchesLoosely(pattern, each));
  }
  const folder = loosePath(pattern);
  const isAbsolute = /^\/|^[a-z]:/.test(folder);
  return isAbsolute ? `${path}/`.startsWith(`${folder}/`) : `/${path}/`.includes(`/${folder}/`);
}

/** A path without what file systems ignore, as far as that is known without the disk. */
function loosePath(path: string): string {
  const parts: string[] = [];
  const isUnc = /^[\\/]{2}[?.][\\/]/.test(path);
  for (const part of folded(isUnc ? path.slice(4) : path).split(/[/\\]+/)) {
    const name = /^\.+$/.test(part) ? part : part.replace(/(?:::?\$.*|[. ]+)$/, '');
    if (name === '..' && parts.length > 0 && parts.at(-1) !== '..') {
      // The root is above itself.
      if (parts.length > 1 || parts[0] !== '') parts.pop();
    } else if (name !== '.') parts.push(name);
  }
  return parts.join('/').replace(/\/$/, '');
}
