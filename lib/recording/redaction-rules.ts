import { base64Text, isReadable } from './encoded.js';
import { isBare, secrecyOf } from './secret-names.js';
import { isDrawn, isExpression, isGiven, isMixed, isRandom } from './secret-values.js';

/**
 * What is a secret: a pattern, of which the group `secret` is cut if it has one, or otherwise all;
 * and `member`, the names of members whose text is a secret as a whole.
 */
export type RedactionRule = RegExp | { readonly text?: RegExp; readonly member?: RegExp };

/** A rule in the form that all take. */
export interface Detector {
  readonly patterns: readonly RegExp[];
  /** What every text has that they match: it is found faster. */
  readonly hint?: RegExp;
  /** Whether a match counts. */
  readonly accepts?: (groups: Groups, secret: string) => boolean;
  /** Whether a member is a secret as a whole. */
  readonly isMember?: (name: string, value: string) => boolean;
}

export type Groups = Readonly<Record<string, string | undefined>>;

/** What separates the strings of an array, where they are read as one command. */
export const wordBreak = '\u2028';

const quote = String.raw`\\*["'\x60]`;
const bare = String.raw`[^\s"'\x60\\,;&|<>)}\]]`;
const value = String.raw`(?<secret>(?<quote>${quote})(?:(?!\k<quote>)[^\r\n\u2028])+|${bare}+(?:\|(?=\w)${bare}+)*)`;
/** A word of a command, which may have quotes around it. */
const word = String.raw`${quote}?(?<secret>(?![-$<])[^\s"'\x60\\|;&]+)`;

/**
 * `name = value` and its kin; a value that stands behind a space, a comma or a bracket must show
 * more.
 */
const assignment = new RegExp(
  String.raw`(?<![\w.-]|\$\{)(?:(?<query>(?<=[?&#]))|)(?<name>[\w.-]{2,80})` +
    String.raw`(?:(?<sure>${quote}?\s{0,8}(?:=>|:=|={1,3}|:)\s{0,8}(?!//)(?:(?:\{\s{0,8})?${quote}?value${quote}?\s{0,4}[=:]\s{0,4})?|>)|` +
    String.raw`(?<space>\s{1,8}(?:(?:is|was)\s{1,8})?)(?=${quote}|\S{0,80}\d)|(?:${quote}?\s{0,4},\s{0,4}|\()(?=${quote}))${value}`,
);

/** `{"name": "x-api-key", "value": "…"}`, in text. */
const pair = new RegExp(
  String.raw`(?<![\w-])(?:name|key|header|field|variable|var|id)${quote}?\s{0,4}[=:]\s{0,4}${quote}?(?<name>[\w.-]{2,80})` +
    String.raw`${quote}?(?<sure>(?:\r?\n){2}|[\s,]{1,16}${quote}?(?:value|val|content|data|default)${quote}?\s{0,4}[=:]\s{0,4})${value}`,
);

function isNamed({ name = '', query, sure, space, quote }: Groups, secret: string): boolean {
  const secrecy = secrecyOf(name);
  if (secrecy === null || !isGiven(secret) || (quote === undefined && isExpression(secret))) {
    return false;
  }
  // A variable, an option or a kind that is called as what it holds.
  const isName = /^[A-Za-z_-]+:?$/.test(secret) && secrecyOf(secret.replace(':', '')) !== null;
  const isVariable = quote === undefined && (/\s/.test(sure ?? '') || /^[A-Z_]+$/.test(secret));
  if (isName && (secrecy === 'token' || isVariable)) return false;
  if (/^\s/.test(secret) || (quote?.endsWith('`') === true && /\s/.test(secret))) return false;
  const isFlag = name.startsWith('--');
  if (isFlag && space !== undefined && secret.startsWith('-')) return false;
  if (secrecy === 'hint') {
    return (
      (sure !== undefined || isFlag) &&
      (isDrawn(secret) || (query !== undefined && isMixed(secret)))
    );
  }
  if (sure === undefined && !isFlag) {
    return (
      isMixed(secret) || (secrecy === 'password' && quote !== undefined && space !== undefined)
    );
  }
  if (secrecy === 'password' || isFlag || (query !== undefined && sure === '=')) return true;
  if (sure?.includes('=') === true && /^[A-Z\d_]+$/.test(name)) return true;
  return (
    isMixed(secret) || (quote !== undefined && /^\S{6,}$/.test(secret) && isTelling(name, secret))
  );
}

/** Whether a value is more than the word that a bare name may have. */
const isTelling = (name: string, secret: string): boolean =>
  !isBare(name) || !/\s|^[a-z_-]{1,16}$/.test(secret);

/** Whether a word is the base64 of a text, which is looked into by itself. */
const isText = (word: string): boolean =>
  isReadable(base64Text(word.slice(0, word.length - (word.length % 4))));

/** Commands that take a password behind an option, or at a place. */
const upTo = String.raw`\b[^|;&]{0,256}?\s`;
const commands = [
  String.raw`(?:mysql\w*|mariadb[\w-]*|7z[ar]?|sshpass)${upTo}${quote}?-p${word}`,
  String.raw`(?:docker|podman|nerdctl|buildah|skopeo|helm|oc|az|cf|crane|oras)${upTo}login${upTo}-p\s+${word}`,
  String.raw`(?:sshpass|mongo\w*|cypher-shell|influx|kinit|snowsql|rabbitmqadmin|clickhouse\w*)${upTo}-p\s+${word}`,
  String.raw`(?:redis-cli|http-auth|valkey-cli)${upTo}-a\s*${word}`,
  String.raw`(?:sqlcmd|bcp|isql|zip|unzip|mosquitto_\w+)${upTo}-P\s*${word}`,
  String.raw`ldap\w+${upTo}-w\s*${word}`,
  String.raw`(?:plink|pscp|psftp|putty)${upTo}-pw\s+${word}`,
  String.raw`htpasswd\s+-\w*b\w*\s+\S+\s+\S+\s+${word}`,
  String.raw`(?:curl|wget|https?|xh|rclone)${upTo}(?:-[uUa]|--(?:proxy-)?user|--auth)(?:=|\s*)${quote}?[^\s:"'\\]{1,64}:${word}`,
  String.raw`smbclient${upTo}-U\s*[^\s%]+%${word}`,
  String.raw`net\s+use${upTo}${quote}?\\\\\S+\s+${word}`,
  String.raw`sqlplus\s+[^\s/]+/(?<secret>[^\s@]+)@`,
  String.raw`(?:vault\s+login|snyk\s+auth|ngrok\s+(?:config\s+add-)?authtoken|AUTH)\s+${word}`,
  String.raw`gh\s+secret\s+set${upTo}(?:-b|--body)(?:=|\s+)${word}`,
  String.raw`--from-literal[=\s][\w.-]+=${word}`,
  String.raw`/(?:p|pass|password):${word}`,
  String.raw`(?<![\w/-])pass:${word}`,
  String.raw`echo\s+(?:-n\s+)?${word}${quote}?\s*\|\s*(?:sudo\s+-\w*S|docker|podman|gh|passwd|helm|az)\b`,
  String.raw`echo\s+(?:-\w\s+)?${quote}?[\w.-]+:${word}${quote}?\s*\|\s*(?:sudo\s+)?chpasswd`,
  String.raw`(?:-b|--cookie)\s+${quote}(?<secret>[^\s"'=]+=[^"'\r\n]+)`,
  String.raw`http-basic\.\S+\s+\S+\s+${word}`,
  String.raw`lftp${upTo}-u\s*[^\s,]+,${word}`,
  String.raw`(?:useradd|usermod)${upTo}-p\s+${word}`,
  String.raw`openssl\s+enc${upTo}-k\s+${word}`,
  String.raw`rabbitmqctl\s+(?:add_user|change_password)\s+\S+\s+${word}`,
  String.raw`ConvertTo-SecureString\s+(?:-String\s+)?${word}`,
  String.raw`auth\s?=\s?\(\s?${quote}[^\s"']+${quote},\s?${quote}${word}`,
  String.raw`(?:verification|security|login|one-time|access|confirmation|recovery|2fa|mfa)\s(?:code|pin|passcode)\W{1,4}(?:is\W{1,4})?(?<secret>\d{4,8})(?!\w)`,
  String.raw`(?:identified|IDENTIFIED)\s+(?:(?:with|WITH)\s+\S+\s+)?(?:by|BY)\s+(?:${quote}|(?=\S{0,80}\d))${word}`,
  String.raw`\b(?:login|user|account)\s+\S+\s+password\s+${word}`,
].map((source) => new RegExp(`(?<![\\w.])(?:${source})`));

/** `host:port:database:user:password`, and what a system keeps of a password. */
const files = [
  /(?<![\w.:/*-])[\w.*-]{1,253}:(?:\d{4,5}|\*):[A-Za-z*][\w*-]{0,62}:[A-Za-z*][\w*-]{0,62}:(?<secret>[^\s:"']+)/,
  /(?<![\w$])\$(?:1|2[abxy]?|5|6|7|y|apr1|argon2\w{0,2}|scrypt|pbkdf2[\w-]{0,10})\$[^\s:"'\\]{16,}/,
  /\{(?:SSHA|SHA|SMD5|CRYPT)\d{0,3}\}[\w+/=$.]{16,}/,
];

/** Keys and tokens that show by their first letters what they are. */
const makes = [
  String.raw`(?:sk|rk|pk)[-_](?=[\w-]{0,80}[A-Za-z0-9]{12})[\w-]{12,}`,
  String.raw`(?:gh[pousr]_|github_pat_|gl(?:pat|oas|dt|rt|cbt|ptt|ft|imt|agent|soat|wt)-)[\w.-]{16,}`,
  String.raw`(?:xox[a-z](?:\.xox[a-z])?-|xapp-\d-|xwfp-)[\w-]{10,}`,
  String.raw`(?:AKIA|ASIA|ABIA|ACCA|AGPA|AIDA|AROA|AIPA|ANPA|ANVA|A3T[A-Z0-9])[A-Z0-9]{16}(?![A-Za-z0-9])`,
  String.raw`(?:AIza|ya29\.|GOCSPX-|1//0|ATATT3|ATBB|ATCTT3|CFPAT-|EAA[A-Z]|IGQ[A-Z]|LTAI|AKCp|ABSK|AQVN|dop_v1_|ABSK)[\w-]{16,}`,
  String.raw`(?:npm|hf|api_org|do[opr]_v1|lin_(?:api|oauth)|fig[duo]|gl(?:sa|c)|ntn|shp(?:at|ca|pa|ss)|sbp|sb_secret|ph[cxs]|whsec|rnd|pscale_(?:tkn|pw|oauth)|dckr_[po]at|sntry[su]|nfp|nf[cou]|vc[piark]|gsk|r8|ops|rubygems|patps|rzp_(?:live|test)|FLWSECK(?:_TEST)?|sgp|sg[dp]|re|lsv2|pcsk|fo1|fm[12]|duffel_(?:live|test)|shippo_(?:live|test)|(?:live|test)_pub|pnu|rdme|tfp|zpka|sm_[ps]?at|secret|cal_live|ion|ctx7sk|e2b|apify_api|tvly|hrku|HRKU|CLOJARS|cfut|cfat)_(?=[\w-]{0,80}\d)(?=[\w-]{0,60}[A-Za-z0-9]{10})[\w.+/-]{16,}={0,2}`,
  String.raw`(?:dp\.(?:pt|st|ct|sa|scim|audit)|dt0[a-z]\d{2})\.[\w.-]{16,}`,
  String.raw`(?:pypi|pul|sq0[a-z]{3}|PMAK|NR[A-Z]{2}|pat-\w{2,3}|xkeysib|xsmtpsib|key|tskey-\w+|nvapi|xai|pplx|tfp|fio-u|p8e|dnkey|ico|tk-us|API|A3|r_oauth|lip|jina)-(?=[\w-]{0,80}\d)(?=(?:[A-Za-z]{1,8}-){0,3}(?=[A-Za-z]*\d)[A-Za-z0-9]{10})[\w-]{16,}`,
  String.raw`(?:SG\.[\w-]{16,}\.[\w-]{16,}|hv[sbr]\.[\w-]{20,}|s\.[A-Za-z0-9]{24}(?!\w)|sl\.[\w-]{40,}|[A-Za-z0-9]{14}\.atlasv1\.[\w-]{20,})`,
  String.raw`(?:dapi[0-9a-f]{32}(?:-\d)?|(?:SK|AC)[0-9a-f]{32}|(?:sdk|mob|api|amzn\.mws)[-.][0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32}-us\d{1,2}|EZ[AT]K[A-Za-z0-9]{40,}|oy2[a-z0-9]{43}|AGE-SECRET-KEY-1[A-Z0-9]{20,}|sha256~[\w-]{32,}|v1\.0-[0-9a-f]{24}-[0-9a-f]{32,}|00[A-Za-z][\w-]{39})(?![A-Za-z0-9])`,
  String.raw`(?:\d{8,10}:[A-Za-z][\w-]{33,36}|[MNO][A-Za-z0-9_-]{23,27}\.[\w-]{6}\.[\w-]{27,}|[\w~.]{3}\dQ~[\w~.-]{30,})`,
  String.raw`(?:[spt]k\.eyJ[\w-]{8,}\.[\w-]{8,}|(?:ops_|glc_)?eyJ[\w-]{40,}={0,2}|AAAA[\w-]{7}:[\w-]{100,}|access_token\$production\$[\w$]+)`,
].join('|');

/** What is drawn at random and no secret. */
const open = [
  String.raw`-----BEGIN (?:[A-Z ]*CERTIFICATE[A-Z ]*|[A-Z ]*PUBLIC KEY(?: BLOCK)?|PGP (?:SIGNATURE|MESSAGE|SIGNED MESSAGE))-----[^]*?(?:-----END|$)`,
  String.raw`\bA{4}[BCE]3[\w+/=]+|\bdata:[\w/+.;=-]{0,80};base64,[\w+/=]+|\b(?:sha\d{1,3}|md5|h1|SHA\d{1,3})[-:=][\w+/=-]+`,
  String.raw`\b(?:call|msg|resp|rs|fc|ws|ig|req|item|turn|thread|run|step|evt|file|asst|chatcmpl|cmpl|batch|toolu|org|proj|user|cus|pi|ch|in|sub|price|prod|acct|si|pm|cs|seti|src|txn|ctr|cntr|gen)[_-][\w-]+`,
  String.raw`/store/[a-z\d]+|[\w+/=-]{200,}`,
].join('|');

/**
 * What `redact()` cuts. Where several begin at one place, the first has it. All take time in
 * proportion to the length of a text, however it is made.
 */
export const usualRules = (): Readonly<Record<string, RedactionRule | Detector>> => ({
  'private-key': {
    hint: /BEGIN|Private-Lines/,
    patterns: [
      /-{4,5}\s?BEGIN\s[\w\s]{0,40}(?:PRIVATE|SECRET|STATIC)\sKEY[\w\s]{0,40}-{4,5}[^]*?(?:-{4,5}\s?END\s[\w\s]{0,60}-{4,5}|$)/i,
      /\bPrivate-Lines:\s\d{1,4}\s+(?<secret>[\w+/=\s]+?)(?=\s*(?:Private-MAC|$))/,
    ],
  },
  'api-key': new RegExp(`(?<![A-Za-z0-9])(?:${makes})`),
  jwt: /(?<![\w-])eyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)*/,
  authorization: {
    patterns: [
      new RegExp(
        String.raw`\bauthorization${quote}?(?:\s{0,8}[=:]|,(?=\s{0,4}${quote})|(?=\u2028))\s{0,8}${quote}?(?:[A-Za-z][\w-]{1,19}\s{1,8})?(?<secret>(?![<$]|[a-z]{1,16}\s{1,8}[<$])[^\s"'\x60\\,;]{4,})`,
        'i',
      ),
      /(?<![\w-])(?<scheme>bearer|basic|token|apikey|bot|flyv1)\s{1,8}(?<secret>(?![<$])[\w.~+/=:-]{8,})/i,
    ],
    accepts: ({ scheme }, secret) =>
      isGiven(secret) &&
      (scheme === undefined || (/bearer/i.test(scheme) ? isMixed(secret) : isDrawn(secret))),
  },
  cookie:
    /\bcookie\\*["'`]?\s{0,8}[:=,]\s{0,8}\\*["'`]?(?<secret>(?![<$])[^\s"'`\\=]+=[^\r\n"'`\\\u2028]+)/i,
  url: {
    hint: /:\/\/|\/bot/,
    patterns: [
      /:\/\/[^\s/:@"'<]{0,256}:(?<secret>(?![<${])[^\s/@"'<]{1,256})@/,
      /:\/\/(?<drawn>(?<secret>[\w.~-]{16,256}))(?::[\w-]{0,32})?@/,
      /:\/\/[^\s"'<>]{0,200}?(?:hook|\/trigger|\/bot|reset|invit|verif|confirm|activat|magic)[^\s"'<>/]{0,60}\/(?<drawn>(?<secret>[^\s"'<>?#\\]{12,}))/i,
      /\/bot(?<secret>\d{8,10}:[\w-]{30,})/,
    ],
    accepts: ({ drawn }, secret) => drawn === undefined || isDrawn(secret),
  },
  command: { patterns: commands, accepts: (_, secret) => isGiven(secret) },
  file: { hint: /\$\w+\$|\{\w{3,9}\}|:(?:\d{4,5}|\*):/, patterns: files },
  secret: {
    patterns: [assignment, pair],
    accepts: isNamed,
    isMember(name, value) {
      const secrecy = secrecyOf(name);
      if (secrecy === null || secrecy === 'hint') return secrecy !== null && isDrawn(value);
      const isName = /^[A-Za-z_-]+$/.test(value) && secrecyOf(value) !== null;
      return isGiven(value) && isTelling(name, value) && (secrecy === 'password' || !isName);
    },
  },
  random: {
    hint: /[A-Za-z0-9]{28}/,
    patterns: [
      new RegExp(
        String.raw`(?:${open})|(?<![A-Za-z0-9])(?<make>[a-z][a-z0-9]{1,9}(?:_[a-z0-9]{1,8}){0,2}_[0-9a-f]{32,}(?![A-Za-z0-9]))|(?<![A-Za-z0-9])(?<drawn>(?<secret>[A-Za-z0-9]{28,160}))(?![A-Za-z0-9])`,
      ),
    ],
    accepts: ({ make, drawn }, secret) =>
      make !== undefined || (drawn !== undefined && isRandom(secret) && !isText(secret)),
  },
  email: {
    hint: /@|%40/,
    patterns: [
      /(?<![\p{L}\p{N}._%+@-])(?!(?:git|svn|hg)@)[\p{L}\p{N}._%+-]{1,64}(?:@|%40)(?=[\d.-]*\p{L})(?!\d+\.)(?:[\p{L}\p{N}-]{1,63}\.){1,8}(?!(?:[cm]?[jt]sx?|json|png|jpe?g|gif|svg|webp|css|html?|map|lock|zip|[tw]?gz|service|socket|target|timer|local)(?![\p{L}\p{N}]))\p{L}{2,24}(?!\.?[\p{L}\p{N}@-])(?!:[\w./~-])/u,
    ],
  },
  user: /(?<![\w.~@%/-])(?:-[A-Za-z]|[ab]\/)?(?:file:\/\/|(?!https?:)[a-z+]{2,10}:\/\/[\w.:@-]{0,100})?(?:(?:\/|%2F)(?:mnt|media|var|srv|private|System|rootfs|host|proc|run|tmp|opt|export|net|Volumes|cygdrive|data|backups?|nfs|[a-z])(?:(?:\/|%2F)[\w.-]{1,64}){0,6}?)?(?:\\?\/|%2F)(?:home|Users)(?:\\?\/|%2F)(?<secret>(?![<$]|(?:Shared|linuxbrew)\b)[^\s/\\%"'`<>|:;,*?&()[\]{}=]+)/,
  'windows-user':
    /[a-z]:(?:\\+|\/)Users(?:\\+|\/)(?<secret>(?![<$]|(?:Public|Default|All Users)\b)(?:[^\\/:*?"<>|\r\n]{1,64}(?=[\\/])|[^\s\\/:*?"'<>|,;]+))/i,
});
