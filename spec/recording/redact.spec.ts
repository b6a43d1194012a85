import { describe, expect, test } from '@jest/globals';
import { redact, type RedactionRules } from 'codex-rx/recording';
import { readdirSync, readFileSync } from 'node:fs';

/** What becomes of lines. */
function redacted(lines: readonly string[], rules?: RedactionRules): string[] {
  const recording = redact(rules).begin();
  return [...lines.flatMap((line) => recording.push(line)), ...recording.flush()];
}

/** What becomes of a frame. */
const frame = (value: unknown, rules?: RedactionRules): unknown => {
  const [line] = redacted([JSON.stringify({ t: 0, sock: '1', dir: 'in', frame: value })], rules);
  return (JSON.parse(line!) as { frame: unknown }).frame;
};

const folders = ['codex-manager', 'app-server'].map((name) => `spec/recordings/${name}`);
const recorded = folders.flatMap((folder) =>
  readdirSync(folder).map((file) => readFileSync(`${folder}/${file}`, 'utf8').trim().split('\n')),
);

/** Each with the part of it that must not be found anywhere. */
const canaries: readonly (readonly [text: string, secret: string])[] = [
  ['sk-proj-Canary0123456789abcdef', 'Canary0123456789abcdef'],
  ['ghp_Canary0123456789abcdefghijklmnopqrst', 'Canary0123456789abcdef'],
  ['Authorization: Bearer canary-bearer-0123', 'canary-bearer-0123'],
  ['eyJhbGciOiJIUzI1NiJ9.eyJjYW5hcnkiOiJjYW5hcnkifQ.Y2FuYXJ5', 'eyJjYW5hcnkiOiJjYW5hcnkifQ'],
  ['https://example.com/v1?api_key=canaryquery&x=1', 'canaryquery'],
  ['https://ada:canaryurl@example.com/', 'canaryurl'],
  ['cat /home/canaryhome/notes.txt', 'canaryhome'],
  ['open /Users/canarymac/notes.txt', 'canarymac'],
  ['type C:\\Users\\Canary Windows\\notes.txt', 'Canary Windows'],
  ['write to canary.mail@example.com', 'canary.mail'],
  ['export CANARY_TOKEN=canaryenv1', 'canaryenv1'],
  ['DEPLOY_KEY="canary env 2"', 'canary env 2'],
  ['MY_SECRET=canaryenv3; PASSWORD=canaryenv4', 'canaryenv'],
  ['{"password": "canaryjson"}', 'canaryjson'],
];

describe('redact', () => {
  test('leaves nothing of a set of secrets, wherever they are in a frame', () => {
    const text = canaries.map(([text]) => text).join('\n');
    const frames = canaries.flatMap(([text]) => [
      { type: 'x', threadId: null, payload: text },
      { type: 'x', payload: { params: { item: { aggregatedOutput: `a ${text}\nb` } } } },
      { method: 'turn/diff/updated', params: { list: [1, [text], { [text]: text }] } },
      { deep: JSON.stringify({ arguments: JSON.stringify({ text }) }) },
      { env: { CANARY_TOKEN: 'canaryenv1' }, headers: { Authorization: 'x canary-bearer-0123' } },
      { chunk: btoa(`${text}\n`), deltaBase64: btoa(`${text}\n`), dataBase64: btoa(text) },
    ]);
    const lines = [
      ...[...frames, text].map((frame, t) => JSON.stringify({ t, sock: '1', dir: 'in', frame })),
      ...canaries.map(([text]) =>
        JSON.stringify({ t: 9, sock: '1', dir: 'in', text: `{ ${text}` }),
      ),
      JSON.stringify({ t: 9, dir: 'http', path: '/x?token=canaryquery', body: { text } }),
      `no JSON at all: ${text.replaceAll('\n', ' ')}`,
    ];
    const result = redacted(lines);
    expect(result).toHaveLength(lines.length);
    const written = result.join('\n');
    const decoded = written.replace(/"(?:chunk|\w*Base64)":"([^"]*)"/g, (_, base64: string) =>
      atob(base64),
    );
    for (const [, secret] of canaries) {
      expect(decoded).not.toContain(secret);
      expect(decoded).not.toContain(JSON.stringify(secret).slice(1, -1));
    }
  });

  test.each([1, 2, 5, 13])(
    'leaves nothing of them in text that streams %i characters at once',
    (size) => {
      const text = canaries.map(([text]) => text).join('\nand so on, and so on\n');
      const pieces = text.match(new RegExp(`[^]{1,${size}}`, 'g'))!;
      const lines = pieces.flatMap((delta, i) => {
        const ids = { threadId: 't', turnId: 'u', itemId: 'i' };
        const chunk = Buffer.from(delta).toString('base64');
        return [
          { type: 'app_server.item.agent_message.delta', payload: { params: { ...ids, delta } } },
          {
            type: 'notification',
            payload: { method: 'item/agentMessage/delta', params: { ...ids, delta } },
          },
          {
            type: 'app_server.codex.event.agent_message_delta',
            payload: { params: { msg: { delta } } },
          },
          {
            type: 'app_server.codex.event.exec_command_output_delta',
            payload: { params: { msg: { chunk } } },
          },
          { type: 'other', payload: null },
        ].map((frame) => JSON.stringify({ t: i, sock: '1', dir: 'in', frame }));
      });
      const result = redacted(lines);
      expect(result).toHaveLength(lines.length);
      for (const kind of [0, 1, 2, 3]) {
        const whole = result
          .filter((_, i) => i % 5 === kind)
          .map((line) => /"(delta|chunk)":("(?:[^"\\]|\\.)*")/.exec(line) as unknown as string[])
          .map(([, name, literal]) => [name, JSON.parse(literal!) as string] as const)
          .map(([name, piece]) => (name === 'delta' ? piece : atob(piece)))
          .join('');
        for (const [, secret] of canaries) expect(whole).not.toContain(secret);
        expect(whole).toContain('and so on, and so on');
        expect(whole).toContain('<user 1>');
      }
    },
  );

  test('changes nothing else: real sessions without secrets stay as they are, byte for byte', () => {
    for (const lines of recorded) expect(redacted(lines)).toEqual(lines);
  });

  test('changes nothing but the secret where there is one, in names of members, too', () => {
    const inHome = (name: string) => (line: string) =>
      line.replaceAll('/workspace', `/home/${name}`);
    for (const lines of recorded) {
      expect(redacted(lines.map(inHome('ada')))).toEqual(lines.map(inHome('<user 1>')));
    }
  });

  test('keeps numbers, white space and escapes as they came', () => {
    const line =
      '{"t":1,  "n":9007199254740993, "x":1.0, "a":"\\u00e9 \\/", "b":"\\u0061@example.com"}';
    expect(redacted([line])).toEqual([line.replace('"\\u0061@example.com"', '"<email 1>"')]);
  });

  test('gives the same secret the same placeholder, and others others', () => {
    const value = { a: 'ada@example.com eve@example.com', b: ['ada@example.com'], c: '/home/ada' };
    expect(frame(value)).toEqual({
      a: '<email 1> <email 2>',
      b: ['<email 1>'],
      c: '/home/<user 1>',
    });
    const redaction = redact();
    for (const recording of [redaction.begin(), redaction.begin()]) {
      expect(recording.push('"ada@example.com"')).toEqual(['"<email 1>"']);
    }
  });

  test('knows a secret again where nothing tells that it is one', () => {
    const lines = [
      '"FOO_TOKEN=abc1234def"',
      '"it printed abc1234def twice"',
      '{"turnId":"abc1234def"}',
    ];
    expect(redacted(lines)).toEqual([
      '"FOO_TOKEN=<secret 1>"',
      '"it printed <secret 1> twice"',
      '{"turnId":"abc1234def"}',
    ]);
  });

  test('cuts the answers to questions that are secret, and no others', () => {
    const asked = [
      { id: 'pin', question: 'Your PIN?', isSecret: true },
      { id: 'name', question: 'Your name?', isSecret: false },
    ];
    const answers = { pin: { answers: ['1234', 'five'] }, name: { answers: ['Ada'] } };
    const lines = [{ params: { questions: asked } }, { id: 0, result: { answers } }];
    const [, answered] = redacted(lines.map((line) => JSON.stringify(line)));
    expect(JSON.parse(answered!)).toEqual({
      id: 0,
      result: {
        answers: { pin: { answers: ['<secret 1>', '<secret 2>'] }, name: { answers: ['Ada'] } },
      },
    });
  });

  test('is the same the second time', () => {
    const text = canaries.map(([text]) => text).join(' | ');
    const once = redacted([JSON.stringify({ t: 1, text, PASSWORD: 'x', authorization: 'y z' })]);
    expect(redacted(once)).toEqual(once);
    expect(once[0]).toContain('<authorization');
  });

  test('follows rules of the caller: more, others, and fewer', () => {
    const rules: RedactionRules = {
      customer: /\bC-\d{6}\b/g,
      name: { member: /^(?:first|last)Name$/g },
      city: /lives in (?<secret>\w+)/i,
      both: { text: /#\d+/, member: /^ticket$/ },
      email: false,
    };
    const value = {
      text: 'C-123456 and C-654321 of ada@example.com, who lives in Vienna, #5 C-123456',
      firstName: 'Ada',
      people: [{ lastName: 'L' }],
      ticket: 'no 5',
    };
    expect(frame(value, rules)).toEqual({
      text: '<customer 1> and <customer 2> of ada@example.com, who lives in <city 1>, <both 1> <customer 1>',
      firstName: '<name 1>',
      people: [{ lastName: '<name 2>' }],
      ticket: '<both 2>',
    });
    expect(frame('C-1 /home/ada', { user: /C-\d/ })).toBe('<user 1> /home/ada');
  });

  test('asks rules of the caller about no id, no type and no plain name of a member', () => {
    const value = {
      type: 'abc',
      threadId: 'abc',
      id: 'abc',
      abc: 1,
      'an abc': 'abc',
      method: 'a/abc',
    };
    expect(frame(value, { mine: /abc/ })).toEqual({
      ...value,
      'an abc': undefined,
      'an <mine 1>': '<mine 1>',
    });
  });

  test('cuts secrets of the usual rules even there', () => {
    const key = 'sk-abcdefghijklmnop';
    expect(frame({ id: key, [key]: 1 })).toEqual({ id: '<api-key 1>', '<api-key 1>': 1 });
  });

  test('survives rules that match nothing, or everything', () => {
    expect(frame('abc', { nothing: /x*/ })).toBe('abc');
    expect(frame('abc', { all: /[^]+/ })).toBe('<all 1>');
    expect(frame('aaa', { each: /a/y })).toBe('<each 1><each 1><each 1>');
  });

  test('reports how often each rule has cut, never what', () => {
    const redaction = redact();
    expect(redaction.report()).toEqual([]);
    const recording = redaction.begin();
    for (const text of ['ada@example.com', 'a eve@example.com ada@example.com', '/home/ada']) {
      recording.push(JSON.stringify(text));
    }
    expect(redaction.report()).toEqual([
      { rule: 'email', count: 3 },
      { rule: 'user', count: 1 },
    ]);
    expect(JSON.stringify(redaction.report())).not.toContain('ada');
  });

  test.each<[RedactionRules, string]>([
    [{ mine: 'text' as never }, '"redact.mine" must be a RegExp, "text" or "member", or false.'],
    [{ mine: {} }, '"redact.mine" must be'],
    [{ mine: { text: 'x' as never } }, '"redact.mine" must be'],
    [{ mine: null as never }, '"redact.mine" must be'],
    [{ mine: true as never }, '"redact.mine" must be'],
  ])('says which rule is none: %#', (rules, message) => {
    expect(() => redact(rules)).toThrow(TypeError);
    expect(() => redact(rules)).toThrow(message);
  });
});

describe('the lines of a redaction', () => {
  const delta = (t: number, delta: string, itemId = 'i') =>
    JSON.stringify({ t, sock: '1', dir: 'in', frame: { params: { itemId, delta } } });

  test('come at once, unless text streams in them', () => {
    const recording = redact().begin();
    expect(recording.push('{"t":1}')).toEqual(['{"t":1}']);
    expect(recording.push(delta(2, 'a'))).toEqual([]);
    expect(recording.push('{"t":3}')).toEqual([]);
    expect(recording.waiting).toBe(2);
    const lines = recording.push(delta(4, 'b'.repeat(100)));
    expect(lines).toEqual([delta(2, 'a'), '{"t":3}']);
    expect(recording.flush()).toEqual([delta(4, 'b'.repeat(100))]);
    expect(recording.waiting).toBe(0);
  });

  test('wait for two seconds of the recording, and then for no more of their text', () => {
    const recording = redact().begin();
    recording.push(delta(0, 'a'));
    recording.push(delta(1_900, 'b', 'j'));
    expect(recording.push('{"t":2000}')).toEqual([]);
    expect(recording.push('{"t":2001}')).toEqual([delta(0, 'a')]);
    expect(recording.waiting).toBe(3);
  });

  test('wait in no larger numbers than a thousand, and of no more than some megabytes', () => {
    const recording = redact().begin();
    recording.push(delta(0, 'a'));
    for (let i = 0; i < 5_000; i++) {
      recording.push('{"t":0}');
      expect(recording.waiting).toBeLessThanOrEqual(1_000);
    }
    recording.push(delta(0, 'a'));
    for (let i = 0; i < 10; i++)
      recording.push(JSON.stringify({ t: 0, text: 'x'.repeat(1_000_000) }));
    expect(recording.waiting).toBe(0);
  });

  test('hold texts apart that stream at once, and two in one line', () => {
    const lines = [
      delta(0, 'at /home/', 'i'),
      delta(0, 'ada is a name', 'j'),
      delta(0, 'ada/x', 'i'),
      '{"t":0,"a":{"delta":"/home/"},"b":{"delta":"ada"},"c":[{"delta":"/home/"},{"delta":"eve"}]}',
    ];
    expect(redacted(lines)).toEqual([
      lines[0],
      lines[1],
      delta(0, '<user 1>/x', 'i'),
      '{"t":0,"a":{"delta":"/home/"},"b":{"delta":"ada"},"c":[{"delta":"/home/"},{"delta":"<user 2>"}]}',
    ]);
  });

  test('hold texts apart that follow each other in a turn, where their events do not', () => {
    const legacy = (delta: string) =>
      JSON.stringify({
        t: 0,
        frame: {
          method: 'codex/event/agent_message_delta',
          params: { id: 'u', conversationId: 't', msg: { delta } },
        },
      });
    const completed = JSON.stringify({
      t: 0,
      frame: { method: 'codex/event/item_completed', params: { conversationId: 't' } },
    });
    const lines = [legacy('I am done'), completed, legacy('FOO_'), legacy('KEY=abc')];
    expect(redacted(lines)).toEqual([...lines.slice(0, 3), legacy('KEY=<secret 1>')]);
  });

  test('forget texts that have been silent longest, where there are very many', () => {
    const recording = redact().begin();
    for (let i = 0; i < 3_000; i++) recording.push(delta(0, 'x', `item ${i}`));
    expect(recording.waiting).toBeLessThanOrEqual(1_000);
  });
});
