// The words of this project, kept by eslint: names that are not used, phrases that are not written in comments, and
// comments as wide as the code. What to say instead stands beside each.

/** Whole names of what lib declares. What it imports, RxJS's `take` for one, is not its own. */
const names = {
  told: 'the noun: frame, event, report, notification',
  tell: '`report`, `announce`',
  createTurns: '`createSerializer`',
  see: '`observe…`',
  take: '`deliver`, `start…`',
  took: '`recordDuration`',
  made: '`on…`, `created`',
  rested: '`onIdle`',
  listed: '`reconcile…`',
  missed: '`dropUnseen`',
  again: '`frameLater`, `retry`',
  concern: '`isRelevant`',
  mark: '`revision`',
  marks: '`revisions`',
  isMeant: '`predicate`, `matches`',
  isOurs: '`answeredBy`',
  later: '`toObservable`, or the noun',
  patience: 'a noun: `…Timeout`',
  Slot: '`RunningRoute`',
  SlotOwner: '`RouteHost`',
  Lane: '`HandlerQueue`',
  Lanes: '`KeyedQueues`',
  WaitingQueue: '`BoundedQueue`',
  Link: '`Transport`',
  OpenLink: '`OpenTransport`',
  recordLink: '`recordTransport`',
  Peer: '`ConnectionControl`',
};
/** Words within a name. */
const parts = { told: names.told, nobody: 'say who', whoever: 'say who' };

const phrases = [
  [/\b(?:is|are|was|were|be|been|being|not) told\b/i, '`reports`, `announces`, or the noun'],
  [/\btell(?:s|ing)? of\b|\btold of\b/i, '`reports`, `announces`'],
  [/(?<!`)\b(?:nobody|whoever)\b/i, 'say who, plainly'],
  [/\bwho (?:pushes|awaits|asks|is told)\b/i, 'say who, plainly'],
  [/\bbeside\b/i, '`next to`, `as well as`'],
  [/\ball the same\b/i, '`still`, `anyway`'],
  [/\bof (?:its|his|their) own\b/i, '`its own …`, `separate`'],
  [/\bwhat becomes of\b/i, '`what happens to`'],
  [/\bis meant\b/i, '`applies to`, `matches`'],
  [/\bthat must do\b/i, 'say what happens'],
];

const widest = 100;

const report = (context, loc, name, instead) =>
  context.report({ loc, message: `Not "${name}": ${instead}.` });

const wordsOf = (name) => name.split(/(?=[A-Z])|[^A-Za-z]+/).map((word) => word.toLowerCase());

const identifiers = {
  create(context) {
    const check = (node) => {
      if (node?.type !== 'Identifier') return;
      const { name, loc } = node;
      const part = wordsOf(name).find((word) => Object.hasOwn(parts, word));
      if (Object.hasOwn(names, name)) report(context, loc, name, names[name]);
      else if (part) report(context, loc, name, parts[part]);
    };
    const member = ({ key, computed }) => computed || check(key);
    return {
      // Variables, parameters, functions, classes, types: all that a scope declares.
      'Program:exit'(program) {
        const visit = ({ variables, childScopes }) => {
          for (const { defs, identifiers } of variables) {
            const isImported = defs.some(({ type }) => type === 'ImportBinding');
            if (!isImported) for (const identifier of identifiers) check(identifier);
          }
          childScopes.forEach(visit);
        };
        visit(context.sourceCode.getScope(program));
      },
      TSPropertySignature: member,
      TSMethodSignature: member,
      PropertyDefinition: member,
      MethodDefinition: member,
    };
  },
};

const comments = {
  create(context) {
    return {
      Program() {
        for (const { value, loc } of context.sourceCode.getAllComments()) {
          const text = value.replace(/\s+(\*\s+)?/g, ' ');
          for (const [phrase, instead] of phrases) {
            const found = phrase.exec(text);
            if (found) report(context, loc, found[0], instead);
          }
          for (let line = loc.start.line; line <= loc.end.line; line++) {
            const width = context.sourceCode.lines[line - 1].length;
            if (width <= widest) continue;
            const place = { line, column: widest };
            context.report({ loc: place, message: `The comment is ${width} columns wide.` });
          }
        }
      },
    };
  },
};

/** `Default: 8.` in prose, which an editor does not show as such. */
const defaults = {
  create(context) {
    return {
      Program() {
        for (const { value, loc } of context.sourceCode.getAllComments()) {
          // There is no tag within the tag of a parameter.
          const [prose] = value.split('@param');
          if (!/\bDefault: /.test(prose)) continue;
          context.report({ loc, message: 'Write `@default` and the value, not "Default:".' });
        }
      },
    };
  },
};

export default { rules: { identifiers, comments, defaults } };
