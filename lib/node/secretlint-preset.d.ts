/**
 * What is used of `@secretlint/secretlint-rule-preset-recommend`, whose own types need packages
 * that it lacks.
 */
interface Context {
  createTranslator(messages: unknown): (id: string) => { readonly message: string };
  report(found: { readonly range: readonly [from: number, to: number] }): void;
}

export declare const rules: readonly {
  readonly meta: { readonly id: string };
  create(
    context: Context,
    options: object,
  ): {
    file(source: { readonly content: string; readonly contentType: 'text' }): unknown;
  };
}[];
