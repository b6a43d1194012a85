import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env } from 'node:process';

/** Settings of `config.toml` by their dotted names: `{ 'features.apps': false }`. */
export type CodexConfig = Readonly<Record<string, string | number | boolean | readonly string[]>>;

/** Directories for one codex that no other one knows, below the temporary directory. */
export interface CodexHome {
  /** Where a thread should work. */
  readonly work: string;
  /** CODEX_HOME: configuration and sessions. */
  readonly home: string;
  /** All that codex gets to see of an environment. */
  readonly env: Readonly<Record<string, string>>;
  remove(): Promise<void>;
}

/** A configuration that needs neither login nor network. */
const offline = (modelUrl: string): CodexConfig => ({
  // A name that brings exec_command and apply_patch along; 0.107 knows none of the later ones.
  model: env['CODEX_VERSION']?.startsWith('0.107.') ? 'gpt-5.3-codex' : 'gpt-5.5',
  model_provider: 'scripted',
  approval_policy: 'on-request',
  sandbox_mode: 'read-only',
  check_for_update_on_startup: false,
  web_search: 'disabled',
  'model_providers.scripted.name': 'scripted',
  'model_providers.scripted.base_url': modelUrl,
  'model_providers.scripted.env_key': 'MOCK_API_KEY',
  'model_providers.scripted.wire_api': 'responses',
  'model_providers.scripted.requires_openai_auth': false,
  'model_providers.scripted.supports_websockets': false,
  'model_providers.scripted.request_max_retries': 0,
  'model_providers.scripted.stream_max_retries': 0,
  'analytics.enabled': false,
  'feedback.enabled': false,
  'otel.exporter': 'none',
  'otel.trace_exporter': 'none',
  'otel.metrics_exporter': 'none',
  'features.apps': false,
  'features.plugins': false,
  'features.remote_plugin': false,
  'features.shell_snapshot': false,
  'features.memories': false,
});

/** @param config what is to differ from an offline, read-only codex that asks for approvals */
export async function createCodexHome(
  modelUrl: string,
  config: CodexConfig = {},
): Promise<CodexHome> {
  const root = await mkdtemp(join(tmpdir(), 'codex-rx-'));
  const [home, work, temporary] = [join(root, 'home'), join(root, 'work'), join(root, 'tmp')];
  for (const directory of [home, work, temporary]) await mkdir(directory);
  const settings = Object.entries({ ...offline(modelUrl), ...config });
  // JSON's strings, numbers, booleans and lists are TOML's too.
  const lines = settings.map(([name, value]) => `${name} = ${JSON.stringify(value)}\n`);
  await writeFile(join(home, 'config.toml'), lines.join(''));
  return {
    home,
    work,
    env: {
      PATH: env['PATH'] ?? '',
      HOME: home,
      CODEX_HOME: home,
      // Codex warns of a CODEX_HOME below the temporary directory.
      TMPDIR: temporary,
      MOCK_API_KEY: 'scripted',
    },
    // A codex that was killed may leave a child that still writes there.
    remove: () => rm(root, { recursive: true, force: true, maxRetries: 5 }),
  };
}
