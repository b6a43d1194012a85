import js from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import rxjs from 'eslint-plugin-rxjs-x';
import { join } from 'node:path';
import tseslint from 'typescript-eslint';
import words from './words.mjs';

/** Rooms whose words are not clean yet. */
const unclean = ['manager', 'state'].map((room) => `lib/${room}/**`);

const builtInNode = ['require', 'module', '__dirname', ...Object.getOwnPropertyNames(globalThis)];

export default defineConfig(
  globalIgnores([
    'dist/',
    'coverage/',
    'lib/protocol/',
    'examples/angular/',
    'examples/inspector/',
    'examples/nest/',
    'docs/.vitepress/dist/',
    'docs/.vitepress/cache/',
  ]),
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  {
    files: ['**/*.{mjs,cjs}'],
    languageOptions: { globals: Object.fromEntries(builtInNode.map((name) => [name, 'readonly'])) },
  },
  {
    files: ['**/*.ts'],
    extends: [
      tseslint.configs.strictTypeChecked,
      tseslint.configs.stylisticTypeChecked,
      rxjs.configs.strict,
    ],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: join(import.meta.dirname, '..') },
    },
    rules: {
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/prefer-nullish-coalescing': [
        'error',
        { ignorePrimitives: { string: true } },
      ],
      // It asks for the `!` that no-non-null-assertion forbids.
      '@typescript-eslint/non-nullable-type-assertion-style': 'off',
      // Queues grow while they are walked, and an index says so.
      '@typescript-eslint/prefer-for-of': 'off',
      // Timers and the streams of this library never error; what users pipe is shielded by the router.
      'rxjs-x/no-ignored-error': 'off',
      // What one subscribes to ends in $, and nothing else does:
      'rxjs-x/finnish': [
        'error',
        {
          functions: false,
          methods: false,
          objects: false,
          strict: true,
          names: { '^source$|^hot$|^cold$': false }, // RxJS's own words
          types: {
            '^(Behavior|Replay|Async)?Subject$': false, // `events.next()` feeds `events$`
            '^(Unary|Operator|MonoTypeOperator)Function$|^Matcher$|^__(function|type)$': false,
            '^PromiseLike$': false, // an ObservableInput: perhaps no Observable at all
          },
        },
      ],
    },
  },
  {
    files: ['lib/**/*.ts'],
    ignores: unclean,
    plugins: { words },
    rules: {
      'words/identifiers': 'error',
      'words/comments': 'error',
      'words/defaults': 'error',
    },
  },
  {
    files: ['spec/**/*.ts', 'examples/testing/*.ts'],
    rules: {
      // Marble tests name their sources after the diagram, and throw and subscribe on purpose.
      'rxjs-x/finnish': 'off',
      'rxjs-x/no-exposed-subjects': 'off',
      'rxjs-x/no-ignored-default-value': 'off',
      'rxjs-x/no-nested-subscribe': 'off',
      'rxjs-x/no-subscribe-in-pipe': 'off',
      'rxjs-x/throw-error': 'off',
      '@typescript-eslint/no-empty-function': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/only-throw-error': 'off',
      '@typescript-eslint/prefer-promise-reject-errors': 'off',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  {
    files: ['spec/nest/**/*.ts'],
    rules: {
      // Without it, Nest 12 chooses an overload that refuses ordinary methods.
      '@typescript-eslint/no-unnecessary-type-arguments': 'off',
      // Nest's options are classes, which it is given plain objects for.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      // Modules and controllers may be empty.
      '@typescript-eslint/no-extraneous-class': 'off',
      // An unused parameter shows the type that it may have.
      '@typescript-eslint/no-meaningless-void-operator': 'off',
    },
  },
);
