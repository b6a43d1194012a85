/** Names a stream, where an application has several. */
export interface StreamChoice {
  /**
   * The `name` that `CodexModule.forRoot` has given it.
   *
   * @default the stream without a name
   */
  readonly stream?: string;
}

// In the registry of symbols: the ESM and the CommonJS form of this entry mean the same stream.
const symbol = (what: string, name?: string): symbol =>
  Symbol.for(`codex-rx/nest ${what}${name === undefined ? '' : ` '${name}'`}`);

/** The injection token of a stream. */
export const streamToken = (name?: string): symbol => symbol('stream', name);

/** The injection token of the requests of a stream. */
export const requestsToken = (name?: string): symbol => symbol('requests', name);

/** The injection token of the strategy of a stream. */
export const strategyToken = (name?: string): symbol => symbol('strategy', name);

/** The injection token of the health of a stream. */
export const healthToken = (name?: string): symbol => symbol('health', name);

/**
 * The transport of a stream: a pattern with it is registered on no other transport of a hybrid
 * application: `@EventPattern<string>('app_server.turn.*', codexTransport('second'))`.
 */
export const codexTransport = (name?: string): symbol => symbol('transport', name);

/** The injection token of the stream without a name. */
export const CODEX_STREAM: symbol = /* @__PURE__ */ streamToken();

/** The injection token of the requests of the stream without a name. */
export const CODEX_REQUESTS: symbol = /* @__PURE__ */ requestsToken();

/** The transport of the stream without a name, for `@EventPattern(pattern, CODEX)`. */
export const CODEX: symbol = /* @__PURE__ */ codexTransport();
