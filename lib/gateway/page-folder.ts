import { fileURLToPath } from 'node:url';

/** Where the package has the page of the inspector. */
export const pageFolder = fileURLToPath(new URL('../../inspector', import.meta.url));
