const name = 'codex-rx-token';

/**
 * The token of the address, `#t=…`. It leaves the address at once, so that it is in no history and no
 * screenshot, and stays in this tab, so that the page can be loaded again.
 */
export function takeToken(): string | null {
  const given = /^#t=([\w.~+-]+)$/.exec(location.hash)?.[1];
  if (given !== undefined) {
    sessionStorage.setItem(name, given);
    history.replaceState(null, '', location.pathname + location.search);
  }
  return sessionStorage.getItem(name);
}
