/** As much of the platform's `fetch` as is used: no DOM types leak out of this library. */
export type Fetch = (url: string, request: FetchRequest) => PromiseLike<FetchResponse>;

export interface FetchRequest {
  /** Default: GET. */
  readonly method?: 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal: AbortSignal;
}

export interface FetchResponse {
  readonly status: number;
  json(): PromiseLike<unknown>;
}
