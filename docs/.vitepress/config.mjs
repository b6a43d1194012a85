import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'vitepress';
import { searchOptions } from './search-options.mjs';

const docs = join(import.meta.dirname, '..');

/** The pages, in the order that a reader needs them; a page of the API is one of typedoc's. */
const sections = {
  'Getting started': { start: 'Getting started' },
  Guides: {
    matchers: 'Matchers',
    handlers: 'Handlers',
    connections: 'Connections and gaps',
    requests: 'When the agent asks',
    policies: 'Policies',
    skills: 'Skills',
    state: 'Threads and turns as state',
    turns: 'How a turn ends',
    recordings: 'Recordings',
    gateway: 'The gateway',
    inspector: 'The inspector',
    'command-line': 'Command line',
  },
  'Where it runs': {
    node: 'Node',
    browser: 'Browsers',
    angular: 'Angular',
    nest: 'NestJS',
    'scale-out': 'Scaling out',
  },
  Testing: {
    testing: 'Testing your own code',
    'testing/pipelines': 'A pipeline',
    'testing/handlers': 'A handler',
    'testing/policies': 'A policy',
    'testing/reconnections': 'A reconnection',
    'testing/components': 'A component',
    'testing/skills': 'A skill',
    'testing/servers': 'Over a real socket',
    'testing/networks': 'A bad network',
    'testing/recordings': 'With recordings',
    'testing/transcripts': 'The frames of a client',
    'testing/conformance': 'Your own router or source',
  },
  Reference: {
    options: 'Options',
    events: 'Events',
    calls: 'Calls',
    errors: 'Errors',
    'api/overview': 'API',
  },
  About: {
    guarantees: 'Guarantees',
    versions: 'Versions of codex',
    protocol: 'The protocol',
    speed: 'Size and speed',
    python: 'Coming from Python',
  },
};

const sidebar = Object.entries(sections).map(([text, pages]) => ({
  text,
  items: Object.entries(pages)
    .filter(([page]) => existsSync(join(docs, `${page}.md`)))
    .map(([page, title]) => ({ text: title, link: `/${page.replace(/index$/, '')}` })),
}));

/** A page that the sidebar does not list is a page that readers do not find. */
const listed = new Set(Object.values(sections).flatMap((pages) => Object.keys(pages)));
for (const file of [
  ...readdirSync(docs),
  ...readdirSync(join(docs, 'testing')).map((name) => `testing/${name}`),
]) {
  const page = file.replace(/\.md$/, '');
  if (file.endsWith('.md') && page !== 'index' && !listed.has(page))
    throw new Error(`docs/${file} is in no section of docs/.vitepress/config.mjs`);
}

export default defineConfig({
  title: 'codex-rx',
  description: 'The events of a Codex agent as a hot RxJS Observable',
  lastUpdated: false,
  cleanUrls: true,
  themeConfig: {
    sidebar,
    search: { provider: 'local', options: { miniSearch: { searchOptions } } },
    outline: [2, 3],
  },
});
