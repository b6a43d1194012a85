/** What agents write, run and read all day, and nothing of it a secret: one text a line. */
export const harmlessTexts: readonly string[] = String.raw`
sk-learn-contrib-package
<div class="sk-fading-circle-big"></div>
git clone git@github.com:acme/shop.git
npm i react@18.2.0.beta.js
PRIMARY KEY: id
CREATE TABLE users (id INT PRIMARY KEY, password TEXT NOT NULL, token VARCHAR(255));
const token = lexer.next();
function login(user: string, password: string): Promise<Token> {
interface Props { apiKey?: string; secret: string | null; token: Token }
password: required
"password": "string"
"type": "password"
<input type="password" name="password" autocomplete="current-password">
<label for="password">Password:</label>
Enter password:
Password: incorrect, try again.
Sorry, try again. sudo: 1 incorrect password attempt
password = getpass.getpass("Password: ")
password = os.environ["DB_PASSWORD"]
const secret = process.env.CLIENT_SECRET;
token: ${'$'}{{ secrets.GITHUB_TOKEN }}
export GITHUB_TOKEN=$(gh auth token)
curl -H "Authorization: Bearer $TOKEN" https://api.example.com
curl -u "$USER:$PASS" https://example.com
docker login -u ada --password-stdin
mysql -u root -p shop
mysql -h db -P 3306 -u root
mkdir -p src/components && cp -p a b
docker run -p 8080:80 -v /data:/data nginx
ssh -p 2222 deploy@build-host
PASSWORD=<your password>
API_KEY=your-api-key-here
API_KEY=xxxxxxxxxxxxxxxx
password: ********
"token": "[REDACTED]"
"secret": "{{ vault_secret }}"
DB_PASSWORD=%DB_PASSWORD%
The token is invalid.
The password is wrong.
The secret: none of it is needed.
Bearer authentication is used by the API.
Basic understanding of tokens and secrets is assumed.
Use an API key or a bearer token to authenticate.
Cookie: policy and privacy
We use cookies to improve your experience.
max_tokens: 4096
{"usage":{"input_tokens":1200,"output_tokens":350,"total_tokens":1550}}
tokenUsage: { total: 1550, cached: 20000 }
Tokens used: 1,234,567
MAX_TOKENS=500 KEYS=1 MONKEY=2
PWD=/home
OLDPWD=/var/log
SORT_KEY=name
cache-key: node-modules-linux-x64
key: section-2-title
<Item key={item.id} value={item.value} />
for (const [key, value] of Object.entries(map)) console.log(key, value);
"keys": ["name", "age"], "required": ["username", "password", "token"]
localStorage.getItem('token')
headers.get('authorization')
if (!req.headers.authorization) return res.status(401).end();
expect(screen.getByLabelText('Password')).toBeVisible();
test('rejects a wrong password', async () => {
assert.equal(error.code, 'ERR_INVALID_ARG_TYPE');
"code": "ENOENT"
HTTP/1.1 401 Unauthorized
WWW-Authenticate: Basic realm="example"
Access-Control-Allow-Headers: Authorization, Content-Type, X-Api-Key
ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl host
ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQC7vbqajDhA2k9XhG4vN0mQ host
SHA256:uNiVztksCsDhcc0u9e8BgrJXVGDc2NbZo3wQmZJ1Xr8
"integrity": "sha512-1Yjs2SvM8TflER/OD3cOjhWWOZb58A2t7wpE2S9XfBYTiIl+XFhQG2bjy4Pu1I+EAlCNUzRDYDdFwFYUKvXcIA=="
sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
commit 3f786850e387550fdab836ed7e6dc881de23001b
index 83db48f..bf269f4 100644
d41d8cd98f00b204e9800998ecf8427e  empty.txt
550e8400-e29b-41d4-a716-446655440000
thread 01a203cc-6b3c-7523-8e8c-4ab7bb3c05a1 started
session id: 01a203cc-6b3c-7523-8e8c-4ab7bb3c05a1
call_5zXkPq81LmN0aBcDeFgHiJ7K
resp_0a1b2c3d4e5f60718293a4b5c6d7e8f900112233
chatcmpl-9xYzAbCdEfGh1234567890IjKlM
01ARZ3NDEKTSV4RRFFQ69G5FAV
507f1f77bcf86cd799439011
0x52908400098527886E0F7030069857D2E4169EE7
-----BEGIN CERTIFICATE-----MIIDdzCCAl+gAwIBAgIEAgAAuTANBgkqhkiG9w0BAQUFADBaMQswCQYDVQQGEwJJ-----END CERTIFICATE-----
-----BEGIN PUBLIC KEY-----MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEv0y8Nn6Z1mB1c0kqYyXh3p6J-----END PUBLIC KEY-----
data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==
/nix/store/5rkhx4qc2mdnpzvb0mkr7hbhvxbwlhvd-hello-2.12
dist/assets/index-BxK3f9aZ.js
dist/main.3f2a1b9c4d5e6f7a8b9c.js 12.5 kB
web-7d4b9c6f5-x2x9z   1/1   Running   0   3d
i-0abcd1234ef567890 subnet-0bb1c79de3f4a5b6c
arn:aws:iam::123456789012:role/deploy
registry.example.com/team/app:1.4.2-alpha.3
https://example.com/a/b?page=2&sort=name
https://example.com/search?q=secret+santa&lang=en
https://www.youtube.com/watch?v=dQw4w9WgXcQ
https://host:8080/path@2
https://github.com/acme/shop/pull/123#discussion_r1234567890
https://registry.npmjs.org/@angular/core/-/core-17.1.0.tgz
https://api.example.com/users/octocat/repos
GET /users/42/home/page HTTP/1.1
src/home/page.tsx routes/Users/list.tsx
/homework/x /codex-home/sessions/2026 C:\Windows\System32
C:\Program Files\Git\bin\git.exe
npm i react@18.2.0 @angular/core@17.1.0
"@types/node@20.19.43": "resolution"
icon@2x.png logo@3x.webp
systemctl status getty@tty1.service
actions/checkout@v4 actions/setup-node@v4.1.0
@Component({ selector: 'app-root' })
a = b @ c.T
user@host:~$ ls -la
scp report.pdf ada@build.example.com:/srv/reports
rsync -av dist/ deploy@web.example.com:/var/www
2026-11-22T15:07:38.205Z 10:20 a=b {"a":"b"} task-0123456789abcdef
Mon Nov 30 07:36:00 UTC 2026
10.0.0.1 - - [30/Nov/2026:07:36:00 +0000] "GET / HTTP/1.1" 200 612
ISBN 978-3-16-148410-0
+43 1 234 567 890
4 passed, 0 failed, 12 skipped (3.2s)
error TS2345: Argument of type 'string' is not assignable to parameter of type 'number'.
src/app.ts:12:5: error: expected ';'
app.py:10: DeprecationWarning: use secrets.token_hex
secrets.token_urlsafe(32)
import { createSecrets } from './secrets.js';
from secrets import token_hex
use std::collections::HashMap;
kubectl get secrets -n prod
kubectl create secret generic my-secret --from-file=key.pem
secretName: my-tls-secret
secretKeyRef: { name: db-credentials, key: password }
imagePullSecrets: [{ name: regcred }]
valueFrom: { secretKeyRef: { name: db, key: url } }
aws secretsmanager list-secrets --region eu-central-1
vault kv get secret/app
vault login -method=oidc
gh auth login --web
gh secret set DEPLOY_KEY < key.pem
gh secret list
heroku config:get DATABASE_URL
openssl genrsa -out key.pem 2048
openssl rsa -in key.pem -passin env:KEY_PASS
ssh-keygen -t ed25519 -f id_ed25519 -N ""
gpg --gen-key
chmod 600 ~/.ssh/id_rsa
cat /run/secrets/db_password
PASSWORD_FILE=/run/secrets/db_password
TOKEN_URL=https://auth.example.com/token
tokenType: bearer
"token_type": "Bearer", "expires_in": 3600
grant_type=client_credentials&scope=read
response_type=code&client_id=web&redirect_uri=https://app.example.com
"nextToken": null, "pageToken": ""
nextPageToken: CAUQAA
CancellationToken cancellationToken = default;
progressToken: 7
eos_token: </s>, pad_token: <pad>
tokenizer.encode("hello world").tokens
csrf protection uses a token per session
passwordless login with magic links
password manager, password policy, password reset
compass: north, bypass=true
surpass: 12, trespass
author: ada, authority: none
keyboard: qwerty, monkey: 7, donkey=2
primaryKey: 'id', foreignKey: 'user_id', partitionKey: 'tenant2region5'
idempotencyKey: order-2026-11-30
publicKey: 04a1b2c3
"key": "ArrowLeft", "code": "KeyA"
onKeyDown={(event) => event.key === 'Enter' && submit()}
jest --testPathPatterns spec/recording --silent
node --experimental-vm-modules node_modules/jest/bin/jest.js
git log --pretty=format:%H --author=ada
git diff --stat HEAD~3 -- lib
git commit -m "Rotate the token, and keep the password out of the log"
git push --force-with-lease origin feature/token-refresh
grep -rn "password" src | head -5
rg -n 'token|secret|api[_-]?key' lib
sed -i 's/password=.*/password=REDACTED/' config.ini
find . -name '*.key' -o -name '*.pem'
echo "$PASSWORD" | docker login -u ada --password-stdin
echo hello | sudo tee /etc/motd
unzip -p archive.zip README.md
zip -r out.zip dist
7z x archive.7z -oout
tar -xzpf backup.tar.gz
python -m http.server 8000 --bind 127.0.0.1
psql -h db -p 5432 -U app shop
redis-cli -h cache -p 6379 ping
mongosh --port 27017 shop
curl -sS -o /dev/null -w "%{http_code}" https://example.com
curl -A "Mozilla/5.0 (X11; Linux x86_64)" https://example.com
wget --user-agent="Mozilla/5.0" https://example.com
http GET https://example.com Accept:application/json
ERROR 1045 (28000): Access denied for user 'root'@'localhost' (using password: YES)
fatal: Authentication failed for 'https://github.com/acme/shop.git/'
remote: Invalid username or password.
permission denied (publickey,password)
401: token expired at 2026-11-30T07:36:00Z
The key is in the drawer, the code is simple, the state is clean.
Please sign in with your e-mail and password.
state: running, status: open, session: closed
signature: function add(a: number, b: number): number
license: MIT OR Apache-2.0
seed: 42, salt: none, nonce: 0
access: public, auth: optional
auth:
  enabled: true
let mut key = String::new();
std::env::var("API_KEY").expect("API_KEY is not set")
System.getenv("DB_PASSWORD")
config.get('database.password')
this.password = await bcrypt.hash(password, 10);
user.password_digest
password.length >= 8
if password == confirm_password:
token = request.cookies.get("session")
String token = jwtService.create(user);
var secret = builder.Configuration["Secret"];
useUTF8EncodingForBase64URLSafe
getElementsByTagNameNS2Async
THREE.MeshStandardMaterial2ForWebGL3Renderer
aarch64-unknown-linux-gnu x86_64-apple-darwin21.6.0
libstdc++6_12.2.0-14+deb12u1_amd64.deb
Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 Chrome/126.0.0.0
#!/usr/bin/env bash
lorem ipsum dolor sit amet, consectetur adipiscing elit
AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
0000000000000000000000000000000000000000
abcdefghijklmnopqrstuvwxyz
`
  .trim()
  .split('\n');
