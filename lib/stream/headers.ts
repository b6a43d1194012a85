import { mustBe } from '../options/index.js';

/** HTTP headers of a handshake. */
export type Headers = Readonly<Record<string, string>>;

/**
 * Says which header is wrong, and never what it holds.
 *
 * @throws TypeError that names the option.
 */
export function checkHeaders(headers: Headers): Headers {
  // Headers and Map would pass for objects without members.
  const isObject = typeof headers === 'object' && (headers as unknown) !== null;
  mustBe(isObject && !(Symbol.iterator in headers), 'headers', 'an object of strings');
  for (const [name, value] of Object.entries(headers)) {
    mustBe(typeof value === 'string', `headers.${name}`, 'a string');
  }
  return headers;
}
