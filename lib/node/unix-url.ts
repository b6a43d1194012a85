import { mustBe } from '../options/index.js';

/**
 * What `ws` calls the unix socket that Codex calls `unix:///path/x.sock` or `unix:/path/x.sock`. As
 * in Codex, the path is taken as it is written, without percent-encoding.
 *
 * @throws TypeError that names the option `url`.
 */
export function unixUrl(url: string): string {
  const path = /^unix:(?:\/\/)?(\/(?!\/).*)$/s.exec(url)?.[1];
  mustBe(path !== undefined, 'url', 'unix: and an absolute path, such as unix:///tmp/codex.sock');
  // `ws` parses it as an url, which encodes what `ws` then does not decode, and splits it at a
  // colon.
  const { pathname, search } = new URL(`ws+unix://${path}:/`);
  const survives = !path.includes(':') && `${path}:/` === pathname + search;
  mustBe(survives, 'url', 'a plain path: no spaces, colons, "..", # or letters beyond ASCII');
  return `ws+unix://${path}:/`;
}
