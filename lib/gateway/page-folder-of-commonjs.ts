import { join } from 'node:path';

/** Where the package has the page of the inspector: what `#inspector-page` means in CommonJS. */
export const pageFolder = join(__dirname, '../../inspector');
