/** More of a url than this says nothing more in an error, in UTF-16 units. */
const maxLength = 200;

/**
 * Where a redirect leads, as an error may show it: without credentials, query and fragment, which
 * may hold a token. `undefined` for an answer that is no redirect, or leads to no url.
 */
export function redirectOf(
  url: string,
  status: number,
  location: string | null | undefined,
): string | undefined {
  if (status < 300 || status >= 400 || !location) return undefined;
  try {
    const target = new URL(location, url);
    target.username = target.password = target.search = target.hash = '';
    return target.href.slice(0, maxLength);
  } catch {
    return undefined;
  }
}
