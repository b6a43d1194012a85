/** The answer to a call or a server request: its result, or an error of JSON-RPC. */
export type FakeAnswer =
  | { readonly result: unknown }
  | {
      readonly error: { readonly code: number; readonly message: string; readonly data?: unknown };
    };
