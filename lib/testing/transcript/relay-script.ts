/**
 * The program of a process that plays a transcript, as text: it can then be run as `node -e`,
 * however this package was built. It forwards its stdin to a port of 127.0.0.1, and obeys the
 * commands from there, one JSON object a line: write `out` to stdout, write `err` to stderr, `exit`
 * with a code, or end itself by a `signal`. It exits with 0 when its stdin or its connection has
 * ended.
 */
export const relayScript = `
const socket = require('node:net').connect(Number(process.argv[1]), '127.0.0.1');
const exit = (code) => process.stdout.write('', () => process.exit(code));
let rest = '';
process.stdin.pipe(socket);
socket.setEncoding('utf8');
socket.on('error', () => exit(0));
socket.on('close', () => exit(0));
socket.on('data', (chunk) => {
  const lines = (rest + chunk).split('\\n');
  rest = lines.pop();
  for (const { out, err, exit: code, signal } of lines.map((line) => JSON.parse(line))) {
    if (out !== undefined) process.stdout.write(Buffer.from(out, 'base64'));
    if (err !== undefined) process.stderr.write(err);
    if (signal !== undefined) process.stdout.write('', () => process.kill(process.pid, signal));
    if (code !== undefined) exit(code);
  }
});
`;
