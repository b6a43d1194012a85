/**
 * What is a secret: a pattern, of which the group `secret` is cut if it has one, or otherwise all; and
 * `member`, the names of members whose text is a secret as a whole.
 */
export type RedactionRule = RegExp | { readonly text?: RegExp; readonly member?: RegExp };

/** A name and what follows it: in code, in JSON that is itself text, in YAML, in a shell. */
const named = (names: string) => String.raw`(?<![\w.-])[\w.-]{0,64}(?:${names})${quote}?${is}`;
const quote = String.raw`\\*["'\x60]`;
const is = String.raw`\s{0,8}[=:]\s{0,8}`;

/** No placeholder, no variable, no type. */
const given = String.raw`(?![<$=]|(?:null|undefined|true|false|string|none)\b)`;

/** A value with quotes or without. The first quote is not cut. */
const value =
  String.raw`(?<secret>(?<quote>${quote})${given}(?:(?!\k<quote>)[^\r\n])+|` +
  String.raw`${given}[^\s"'\x60\\,;&|)}\]]+)`;

/** The same where a name alone says little: a text with quotes, or letters and digits. */
const sureValue =
  String.raw`(?<secret>${quote}${given}[^\s"'\x60\\]{6,}|` +
  String.raw`${given}(?=[A-Za-z_-]*\d)(?=[\d_-]*[A-Za-z])[^\s"'\x60\\,;&|(){}[\]]{8,})`;

const passwords = 'password|passwd|passphrase';
const keys = '(?:api|access|secret|private|signing|encryption)[_-]?key';
const credentials = `secret|token|credentials?|${keys}`;

/**
 * What `redact()` cuts. Where several begin at one place, the first has it. All take time in proportion to
 * the length of a text, however it is made.
 */
export const usualRules = (): Readonly<Record<string, RedactionRule>> => ({
  'private-key': /-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[^]*?(?:-----END [A-Z ]{0,40}-----|$)/,
  'api-key':
    /(?<![A-Za-z0-9])(?:(?:sk|rk|pk)[-_][\w-]{12,}|gh[pousr]_\w{16,}|github_pat_\w{16,}|gl\w{2,6}-[\w-]{16,}|xox[a-z]-[\w-]{10,}|(?:AKIA|ASIA)[A-Z0-9]{16}|AIza[\w-]{30,}|ya29\.[\w-]{16,}|(?:npm|hf|dop_v1)_\w{16,}|pypi-[\w-]{16,}|SG\.[\w-]{16,}\.[\w-]{16,})/,
  jwt: /(?<![\w-])eyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?/,
  bearer: /\bbearer\s{1,8}(?<secret>(?![<$])[\w.~+/=-]{8,})/i,
  authorization: {
    text: new RegExp(
      String.raw`\bauthorization${quote}?${is}${quote}?(?:[a-z]{1,16}\s{1,8})?(?<secret>(?![<$]|[a-z]{1,16}\s{1,8}[<$])[^\s"'\x60\\,;]{4,})`,
      'i',
    ),
    member: /^(?:proxy-)?authorization$/i,
  },
  cookie: {
    text: /\bcookie\\*["'`]?\s{0,8}:\s{0,8}\\*["'`]?(?<secret>(?![<$])[^\r\n"'`\\]{4,})/i,
    member: /^(?:set-)?cookie$/i,
  },
  url: /:\/\/[^\s/:@"'<]{0,256}:(?<secret>(?![<$])[^\s/@"'<]{1,256})@/,
  query:
    /[?&#;][\w.-]{0,64}(?:token|key|secret|password|passwd|signature|credential|sig|auth|session|jwt)=(?<secret>(?![<$])[^\s&"'`#<>\\]+)/i,
  env: {
    text: new RegExp(
      String.raw`(?<!\w)[A-Z0-9_]{0,64}(?:TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|CREDENTIALS?|(?<![A-Z0-9])KEY)(?:_ID|_BASE|_\d+)?${quote}?${is}${value}`,
    ),
    member:
      /^[A-Z0-9_]*(?:TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|CREDENTIALS?|(?<![A-Z0-9])KEY)(?:_ID|_BASE|_\d+)?$/,
  },
  password: {
    text: new RegExp(named(passwords) + value, 'i'),
    member: new RegExp(`(?:${passwords})$`, 'i'),
  },
  secret: {
    text: new RegExp(named(credentials) + sureValue, 'i'),
    member: new RegExp(`(?:${credentials})$`, 'i'),
  },
  flag: new RegExp(
    String.raw`(?<![\w-])--[\w-]{0,64}(?:${passwords}|${credentials})(?:=|\s{1,8})${value}`,
    'i',
  ),
  email:
    /(?<![\p{L}\p{N}._%+-])[\p{L}\p{N}._%+-]{1,64}(?:@|%40)(?:[\p{L}\p{N}-]{1,63}\.){1,8}\p{L}{2,24}/u,
  user: /(?:\/|%2F)(?:home|Users)(?:\/|%2F)(?<secret>(?![<$])[^\s/\\%"'`<>|:;,*?&()[\]{}=]+)/i,
  'windows-user':
    /[a-z]:(?:\\+|\/)Users(?:\\+|\/)(?<secret>(?![<$])(?:[^\\/:*?"<>|\r\n]{1,64}(?=[\\/])|[^\s\\/:*?"'<>|,;]+))/i,
});
