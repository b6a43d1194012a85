/**
 * Kinds of secrets. `[…]` is what must go. It is drawn when the specs run, and `~` keeps the first letters
 * of a make apart, so that nothing here looks like a secret to a scanner: `{a20}` stands for 20 letters and
 * digits, `{h…}` hexadecimal, `{l…}` small letters and digits, `{u…}` capitals and digits, `{d…}` digits,
 * `{w…}` with `-` and `_`, `{b…}` base64, and `{p}` for a password that somebody made up.
 */
const kinds: Readonly<Record<string, string>> = {
  // Makes
  'OpenAI key': 'key [sk~-proj-{w48}]',
  'OpenAI legacy key': '[sk~-{a20}T3~BlbkFJ{a20}] works',
  'Anthropic key': '[sk~-ant-api03-{w93}AA]',
  'Stripe key': 'stripe [sk~_live_{a24}]',
  'Stripe restricted key': '[rk~_test_{a24}]',
  'Stripe webhook secret': '[wh~sec_{a32}]',
  'GitHub token': 'token [gh~p_{a36}]',
  'GitHub app token': '[gh~s_{a36}]',
  'GitHub fine-grained token': '[github~_pat_{a22}_{a59}]',
  'GitLab token': '[gl~pat-{w20}]',
  'GitLab runner token': '[gl~rt-{w20}]',
  'Slack bot token': '[xo~xb-{d12}-{d12}-{a24}]',
  'Slack app token': '[xa~pp-1-A{u10}-{d13}-{h64}]',
  'Slack webhook': 'post to https://hooks.slack.com/services/[T{u8}/B{u10}/{a24}]',
  'Discord webhook': 'https://discord.com/api/webhooks/{d18}/[{w68}]',
  'Discord bot token': '[M{a23}.{w6}.{w38}]',
  'Teams webhook': 'https://x.webhook.office.com/webhookb2/[{h32}]',
  'Telegram bot token': '[{d9}:AA{w33}]',
  'Telegram url': 'https://api.telegram.org/bot[{d9}:AA{w33}]/getMe',
  'AWS access key id': '[AK~IA{u16}]',
  'AWS secret access key': 'aws_secret_access_key = [{b40}]',
  'AWS session token': 'AWS_SESSION_TOKEN=[{b120}]',
  'Google API key': '[AI~za{w35}]',
  'Google OAuth token': '[ya~29.{w60}]',
  'Google client secret': '[GOC~SPX-{w28}]',
  'Google refresh token': '[1//~0{w60}]',
  'Azure storage key': 'AccountName=x;AccountKey=[{b86}==];EndpointSuffix=core',
  'Azure client secret': '[{a3}8Q{tilde}{w34}]',
  'Azure SAS': 'https://x.blob.core.windows.net/c?sv=2024&sig=[{a43}%3D]',
  'npm token': '[np~m_{a36}]',
  'npm _auth': '//registry.npmjs.org/:_auth=[{b24}]',
  'npm _authToken': '//registry.npmjs.org/:_authToken=[{h32}]',
  'PyPI token': '[py~pi-AgEIcHlwaS5vcmc{w60}]',
  'Twilio key': '[S~K{h32}]',
  'Twilio auth token': 'TWILIO_AUTH_TOKEN=[{h32}]',
  'SendGrid key': '[S~G.{w22}.{w43}]',
  'Mailgun key': '[ke~y-{h32}]',
  'Mailchimp key': '[{h32}-us14]',
  'Databricks token': '[da~pi{h32}]',
  'Vault token': '[hv~s.{w90}]',
  'age key': '[AGE-~SECRET-KEY-1{u58}]',
  'Hugging Face token': '[h~f_{a34}]',
  'DigitalOcean token': '[do~p_v1_{h64}]',
  'Shopify token': '[sh~pat_{h32}]',
  'Linear key': '[lin~_api_{a40}]',
  'Notion token': '[nt~n_{d11}{a35}]',
  'Figma token': '[fi~gd_{w43}]',
  'Grafana token': '[gl~sa_{a32}_{h8}]',
  'Doppler token': '[dp.~pt.{a43}]',
  'Supabase key': '[sb~p_{h40}]',
  'Docker token': '[dc~kr_pat_{w27}]',
  'Atlassian token': '[ATA~TT3{w180}]',
  'Sentry token': '[sn~trys_{w60}]',
  'New Relic key': '[NR~AK-{u27}]',
  'Postman key': '[PM~AK-{h24}-{h34}]',
  'Tailscale key': '[ts~key-auth-{a12}-{a32}]',
  'Groq key': '[gs~k_{a52}]',
  'Cloudflare token': 'CLOUDFLARE_API_TOKEN=[{w40}]',
  'Datadog key': 'DD_API_KEY=[{h32}]',
  'Mapbox token': '[sk~.eyJ{w60}.{w22}]',
  'Dropbox token': '[s~l.{w130}]',
  'an unknown make': 'use [zz~q_{a40}] there',
  JWT: '[ey~J{w30}.ey~J{w60}.{w43}]',
  // Blocks
  'RSA key': '[-----~BEGIN RSA PRIVATE KEY-----\n{b64}\n{b64}\n-----END RSA PRIVATE KEY-----]',
  'OpenSSH key':
    '[-----~BEGIN OPENSSH PRIVATE KEY-----\n{b64}\n{b64}\n-----END OPENSSH PRIVATE KEY-----]',
  'PGP key':
    '[-----~BEGIN PGP PRIVATE KEY BLOCK-----\n\n{b64}\n{b64}\n-----END PGP PRIVATE KEY BLOCK-----]',
  'PuTTY key': 'Private-Lines: 2\n[{b64}\n{b64}]\nPrivate-MAC: x',
  // Names
  DB_PASS: 'DB_PASS=[{p}]',
  MYSQL_PWD: 'export MYSQL_PWD=[{p}]',
  PGPASSWORD: 'PGPASSWORD=[{p}] psql -h db',
  'a password in YAML': 'database:\n  password: [{p}]\n  port: 5432',
  'a password in code': "const password = '[{p}]';",
  'a password in a call': 'login("ada", password="[{p}]")',
  'a password in XML': '<password>[{p}]</password>',
  'a password in prose': 'The password is [{p}] for now.',
  'a setting of .NET': '<add key="ApiKey" value="[{a24}]" />',
  'a connection string': 'Server=db;User Id=sa;Password=[{p}];Encrypt=true',
  'a secret of Rails': 'SECRET_KEY_BASE=[{h64}]',
  'a client secret': '"client_secret": "[{a32}]"',
  'an access token': 'accessToken: "[{a40}]"',
  'a refresh token': 'refresh_token=[{a40}]',
  'a passphrase': 'passphrase = "[correct horse battery staple]"',
  'a PIN': '"pin": "[{d6}]"',
  'a TOTP seed': 'otpauth://totp/x?secret=[{u32}]&issuer=x',
  'a key of WireGuard': 'PrivateKey = [{b43}=]',
  'a key in code': 'apiKey: `[{a24}]`,',
  'a key of Ruby': ':api_key => "[{a24}]"',
  'a DSN': 'SENTRY_DSN=https://[{h32}]@o1.ingest.sentry.io/1',
  'a query parameter': 'GET /v1/items?api_key=[{a24}]&page=2',
  'a code of OAuth': 'https://app.example.com/callback?code=[{a32}]&scope=x',
  'a session in a url': '/app?session_id=[{a26}]',
  'a signed url': 'https://b.s3.amazonaws.com/k?X-Amz-Signature=[{h64}]',
  'a password in a url': 'postgres://app:[{p}]@db.internal:5432/app',
  'a token in a url': 'git clone https://[{a40}]@github.com/x/y.git',
  'a bearer token': 'Authorization: Bearer [{a30}]',
  'basic credentials': 'Authorization: Basic [{b32}]',
  'a key in a header': 'X-Api-Key: [{a32}]',
  'a cookie': 'Cookie: sid=[{a32}]; theme=dark',
  'a cookie that is set': 'Set-Cookie: session=[{a32}]; Path=/; HttpOnly',
  // Commands and files
  'curl -u': 'curl -u ada:[{p}] https://example.com',
  'curl --user': 'curl -s --user ada:[{p}] https://example.com',
  'curl -H': 'curl -H "X-Auth-Token: [{a30}]" https://example.com',
  'mysql -p': 'mysql -u root -p[{p}] shop',
  'docker login -p': 'docker login -u ada -p [{p}] registry.example.com',
  'sshpass -p': 'sshpass -p [{p}] ssh ada@10.0.0.2',
  'redis-cli -a': 'redis-cli -h cache -a [{p}] ping',
  'ldapsearch -w': 'ldapsearch -D cn=admin -w [{p}] -b dc=x',
  'openssl -passin': 'openssl rsa -passin pass:[{p}] -in key.pem',
  'sqlcmd -P': 'sqlcmd -S db -U sa -P [{p}] -Q "SELECT 1"',
  'zip -P': 'zip -P [{p}] out.zip in.txt',
  '7z -p': '7z a -p[{p}] out.7z in.txt',
  'smbclient -U': 'smbclient //nas/share -U ada%[{p}]',
  '--password': 'tool --password [{p}] --verbose',
  '--token=': 'tool --token=[{a20}] --verbose',
  '--api-key': 'tool --api-key [{a20}] run',
  'sudo -S': 'echo [{p}] | sudo -S systemctl restart x',
  'kubectl --from-literal': 'kubectl create secret generic x --from-literal=pw=[{p}]',
  'aws configure set': 'aws configure set aws_secret_access_key [{b40}]',
  'IDENTIFIED BY': "CREATE USER ada IDENTIFIED BY '[{p}]';",
  '.netrc': 'machine example.com login ada password [{p}]',
  '.pgpass': 'db.internal:5432:shop:ada:[{p}]',
  '.htpasswd': 'ada:[$apr1~$x8yq2w3e${a22}]',
  '/etc/shadow': 'root:[$6~$x8yq2w3e${a86}]:19000:0:99999:7:::',
  // Encoded
  'base64 of a token': 'echo [{base64:gh~p_{a36}}] | base64 -d',
  'escapes of a token': '"t": "[\\u0067\\u0068~p_{a36}]"',
  'a token in an escaped url': 'next=https%3A%2F%2Fx%2F%3Ftoken%3D[{a30}]',
};

const alphabets: Readonly<Record<string, string>> = {
  d: '0123456789',
  h: '0123456789abcdef',
  l: 'abcdefghijklmnopqrstuvwxyz0123456789',
  u: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567',
  a: 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789',
  w: 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_',
  b: 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/',
};

const madeUp = [
  'hunter2',
  'Summer2024!',
  'S3cr3t-pass',
  'tr0ub4dor3',
  'Welcome1',
  'korrektPferd7',
  'p4ssw0rd',
  'letmein99',
];

/** Numbers from 0 to 1, always the same: a linear congruential generator. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 1_103_515_245 + 12_345) % 2 ** 31) / 2 ** 31;
}

function fill(template: string, next: () => number): string {
  const draw = (_: string, alphabet: string, length: string) =>
    Array.from({ length: Number(length) }, (_, i) => {
      const letters = alphabets[alphabet]!;
      // The first is a letter where it can be, and the second a digit: most makes guarantee both.
      const char = letters[Math.floor(next() * letters.length)]!;
      return i === 1 && alphabet !== 'd' && length !== '6'
        ? '7'
        : /[-_+/]/.test(char) && (i === 0 || i === Number(length) - 1)
          ? 'x'
          : char;
    }).join('');
  return template
    .replaceAll('~', '')
    .replace(/\{([dhluawb])(\d+)\}/g, draw)
    .replaceAll('{p}', () => madeUp[Math.floor(next() * madeUp.length)]!)
    .replace('{tilde}', '~')
    .replace(/\{base64:([^}]*)\}/g, (_, plain: string) => btoa(plain));
}

export interface SecretSample {
  readonly kind: string;
  readonly text: string;
  readonly secret: string;
}

/** One of each kind, others for each seed. */
export const secretSamples = (seed: number): readonly SecretSample[] => {
  const next = numbers(seed);
  return Object.entries(kinds).map(([kind, template]) => {
    const open = template.indexOf('[');
    const [before, secret, after] = [
      template.slice(0, open),
      template.slice(open + 1, template.lastIndexOf(']')),
      template.slice(template.lastIndexOf(']') + 1),
    ].map((part) => fill(part, next)) as [string, string, string];
    return { kind, text: before + secret + after, secret };
  });
};
