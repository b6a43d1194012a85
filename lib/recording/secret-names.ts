import { createBoundedMap } from '../bounded/index.js';

/**
 * What a name says of its value: a secret of any form; one that shows to be one; a secret if it was
 * drawn at random; nothing.
 */
export type Secrecy = 'password' | 'token' | 'hint' | null;

const endings =
  /(?<=.)(?:-(?:value|val|text|string|plain|raw|data|base|b64|base64|encoded|hash|prod|dev|v?\d+))*-?$/;

const passwords =
  /(?:password|passwd|passphrase|passcode|passwort|pswd)$|(?:^|-)(?:\w{1,8}pass|(?<=-)pass|\w{0,8}pwd|pw|pin|pin-code|otp|totp|cvv|cvc|mnemonic|seed-phrase|recovery-codes?)$/;
/** `bypass`, `compass`, … and the working directory, which is a path anyway. */
const noPasswords = /(?:by|com|tres|sur|under|over|encom|im)pass$|(?:^|old-?)pwd$/;

const keys =
  '(?:api|access|secret|private|priv|signing|sign|encryption|decryption|master|account|client|' +
  'license|service|deploy|ssh|session|auth|authentication|webhook|app|application|consumer|root|' +
  'admin|(?:pre-?)?shared|hmac|aes|rsa|integration|ingest|ingestion|subscription|bot|functions?)';
const tokens = new RegExp(
  `(?:secret|credentials?|(?:^|-|access|auth|api|refresh|id|session|csrf|bearer|bot|app|user|oauth|git\\w{2,3}|npm)token|${keys}-?key|${keys}-?key-id|api-?keys?|connection-?string)$|` +
    '(?:^|-)(?:pass|creds?|jwt|pat|psk|dsn|authorization|' +
    'auth-?(?:key|info|value)|npm-auth|(?:set-)?cookie|sas|sas-url|webhook-?url)$',
);
/** Positions in lists, units of text, and what asks to stop: tokens, but of another kind. */
const noTokens =
  /(?:^|-)(?:next|prev|previous|page|paging|continuation|cancel|cancellation|progress|stop|eos|bos|pad|unk|mask|sep|cls|max|min|per|sync|resume|change|delimiter|start|end)-?(?:page-?)?token$/;

const hints =
  /(?:^|-)(?:key|pwd|auth|bearer|session|sess(?:ion)?-?id|\w{0,8}sessid|sid|code|sig|signature|salt|seed|ticket|assertion|state|nonce|webhook|license|licence|access|id-?key|\w+-key|key-id)$/;
const noKeys =
  /(?:^|-)(?:public|primary|foreign|sort|partition|cache|unique|composite|group|object|map|row|item|query|index|i18n|lookup|config|idempotency|dedupe|routing|registry|hash|range|react|parent|host|translation|message|event|shortcut|hot|arrow|env|publishable)-?key(?:-id)?$/;

/** `clientSecret`, `CLIENT_SECRET` and `X-Client-Secret` in one form. */
const plain = (name: string): string =>
  name
    .replace(/([a-z\d])(?=[A-Z])|([A-Z])(?=[A-Z][a-z])/g, '$1$2-')
    .toLowerCase()
    .replace(/[^a-z\d]+/g, '-')
    .replace(endings, '');

/** Names come again and again. */
const known = /* @__PURE__ */ createBoundedMap<string, Secrecy>(10_000);

/**
 * Whether a name may also stand for a kind, a unit or a result: `token: 'identifier'`, `pass: 12`.
 */
export const isBare = (name: string): boolean =>
  /^(?:tokens?|secrets?|credentials?|pass|cookie|pat|sas)$/i.test(name);

export function secrecyOf(name: string): Secrecy {
  const before = known.get(name);
  if (before !== undefined) return before;
  const secrecy = name.length > 80 ? null : classify(name);
  known.set(name, secrecy);
  return secrecy;
}

function classify(name: string): Secrecy {
  const words = plain(name);
  if (passwords.test(words) && !noPasswords.test(words)) return 'password';
  if (noKeys.test(words) || noTokens.test(words)) return null;
  // In an environment, what is called a key is one.
  if (tokens.test(words) || /^[A-Z\d_]+_KEY(?:_ID|_BASE|_\d+)?$/.test(name)) return 'token';
  return hints.test(words) ? 'hint' : null;
}
