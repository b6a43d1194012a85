import type { ServerRequest } from './server-request.js';

/** What is wrong with a value that should be something: its place, and what it must be; or `null`. */
type Shape = (value: unknown, at: string) => string | null;

const must =
  (what: string, test: (value: unknown) => boolean): Shape =>
  (value, at) =>
    test(value) ? null : `${at} must be ${what}`;

const text = must('text', (value) => typeof value === 'string');
const flag = must('true or false', (value) => typeof value === 'boolean');
const amount = must('a number', Number.isFinite);
const anything: Shape = () => null;
const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const nullable =
  (shape: Shape): Shape =>
  (value, at) =>
    value === null ? null : shape(value, at);

const list =
  (shape: Shape): Shape =>
  (value, at) =>
    Array.isArray(value)
      ? first(value.map((member: unknown, index) => shape(member, `${at}[${index}]`)))
      : `${at} must be an array`;

const byName =
  (shape: Shape): Shape =>
  (value, at) =>
    isObject(value)
      ? first(Object.entries(value).map(([name, member]) => shape(member, `${at}.${name}`)))
      : `${at} must be an object`;

/** An object of these members and no others; a name that ends in `?` may be left out. */
const object =
  (members: Readonly<Record<string, Shape>>): Shape =>
  (value, at) => {
    if (!isObject(value)) return `${at} must be an object`;
    const names = Object.keys(members).map((name) => name.replace('?', ''));
    const odd = Object.keys(value).find((name) => !names.includes(name));
    if (odd !== undefined) return `${at} has no member "${odd}": it has ${names.join(', ')}`;
    return first(
      Object.entries(members).map(([name, shape]) => {
        const plain = name.replace('?', '');
        const member: unknown = (value as Record<string, unknown>)[plain];
        return member === undefined && plain !== name ? null : shape(member, `${at}.${plain}`);
      }),
    );
  };

/** One of these words, or an object with one of these members alone. */
const choice =
  (words: readonly string[], objects: Readonly<Record<string, Shape>> = {}): Shape =>
  (value, at) => {
    if (words.includes(value as string)) return null;
    const [name = ''] = isObject(value) ? Object.keys(value) : [];
    const shape = Object.hasOwn(objects, name) ? objects[name] : undefined;
    if (shape) return object({ [name]: shape })(value, at);
    return `${at} must be one of ${[...words, ...Object.keys(objects)].join(', ')}`;
  };

const first = (problems: readonly (string | null)[]): string | null =>
  problems.find((problem) => problem !== null) ?? null;

const words = list(text);
const policy = object({ action: choice(['allow', 'deny']), host: text });
const decisions = ['accept', 'acceptForSession', 'decline', 'cancel'];
const approval = object({
  decision: choice(decisions, {
    acceptWithExecpolicyAmendment: object({ execpolicy_amendment: words }),
    applyNetworkPolicyAmendment: object({ network_policy_amendment: policy }),
  }),
});
const review = object({
  decision: choice(
    ['approved', 'approved_for_session', 'approved_mcp_policy_amendment', 'timed_out', 'abort'],
    {
      approved_execpolicy_amendment: object({ proposed_execpolicy_amendment: words }),
      network_policy_amendment: object({ network_policy_amendment: policy }),
      denied: object({ rejection: text }),
    },
  ),
});

const contentItems: Readonly<Record<string, Shape>> = {
  inputText: object({ type: text, text }),
  inputImage: object({ type: text, imageUrl: text }),
  inputAudio: object({ type: text, audioUrl: text }),
};
const contentItem: Shape = (value, at) => {
  const { type } = Object(value) as { type?: unknown };
  const shape = Object.hasOwn(contentItems, type as string) && contentItems[type as string];
  return shape
    ? shape(value, at)
    : `${at}.type must be one of ${Object.keys(contentItems).join(', ')}`;
};

const shapes: ReadonlyMap<string, Shape> = /* @__PURE__ */ new Map([
  ['item/commandExecution/requestApproval', approval],
  ['item/fileChange/requestApproval', object({ decision: choice(decisions) })],
  ['execCommandApproval', review],
  ['applyPatchApproval', review],
  [
    'item/permissions/requestApproval',
    object({
      permissions: object({
        'fileSystem?': nullable(
          object({
            'entries?': nullable(list(byName(anything))),
            'globScanMaxDepth?': nullable(amount),
            'read?': nullable(words),
            'write?': nullable(words),
          }),
        ),
        'network?': nullable(object({ 'enabled?': nullable(flag) })),
      }),
      'scope?': choice(['turn', 'session']),
      'strictAutoReview?': nullable(flag),
    }),
  ],
  ['item/tool/requestUserInput', object({ answers: byName(object({ answers: words })) })],
  [
    'mcpServer/elicitation/request',
    object({
      action: choice(['accept', 'decline', 'cancel']),
      'content?': anything,
      '_meta?': anything,
    }),
  ],
  ['item/tool/call', object({ contentItems: list(contentItem), success: flag })],
  [
    'account/chatgptAuthTokens/refresh',
    object({ accessToken: text, chatgptAccountId: text, 'chatgptPlanType?': nullable(text) }),
  ],
  ['attestation/generate', object({ token: text })],
  ['currentTime/read', object({ currentTimeAt: amount })],
]);

/**
 * Why an answer does not fit a request, in a sentence; `null` if it does. Strict: what is sent is as
 * the protocol says. Of a method that the protocol does not list, any object fits.
 */
export function checkAnswer(
  { method, params }: Pick<ServerRequest, 'method' | 'params'>,
  answer: unknown,
): string | null {
  try {
    // A value that JSON would change, or cannot write, is not what would be sent.
    const problem = (shapes.get(method) ?? byName(anything))(answer, 'answer');
    if (problem !== null) return problem;
    JSON.stringify(answer);
  } catch (error) {
    return `answer cannot be written as JSON: ${String(error)}`;
  }
  const { questions } = Object(params) as { questions?: unknown };
  if (method !== 'item/tool/requestUserInput' || !Array.isArray(questions)) return null;
  const ids = questions.map((question) => (Object(question) as { id?: unknown }).id);
  const given = Object.keys((answer as { answers: object }).answers);
  const odd = given.find((id) => !ids.includes(id));
  return odd === undefined ? null : `no question has the id "${odd}": there is ${ids.join(', ')}`;
}
