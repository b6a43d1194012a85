import { mustBe } from '../options/index.js';

/** HTTP headers of a handshake. */
export type Headers = Readonly<Record<string, string>>;

/** What a websocket says for itself. */
const handshake = /^(?:sec-websocket-.*|connection|upgrade)$/i;

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
    const isSubprotocol = /^sec-websocket-protocol$/i.test(name);
    mustBe(!isSubprotocol, `headers.${name}`, 'left out: give "protocols", a list of subprotocols');
    mustBe(!handshake.test(name), `headers.${name}`, 'left out: the websocket writes it');
  }
  return headers;
}

/** A token of HTTP, which the name of a subprotocol has to be. */
const token = /^[!#$%&'*+\-.0-9A-Z^_`|a-z~]+$/;

/**
 * Says nothing of what is in it: servers take tokens as subprotocols.
 *
 * @throws TypeError that names the option.
 */
export function checkProtocols(protocols: readonly string[]): readonly string[] {
  const given: unknown = protocols;
  const isToken = (one: unknown) => typeof one === 'string' && token.test(one);
  const areTokens = Array.isArray(given) && given.every(isToken);
  const what = "an array of subprotocols: letters, digits and !#$%&'*+-.^_`|~, each once";
  mustBe(areTokens && new Set(protocols).size === protocols.length, 'protocols', what);
  return protocols;
}
