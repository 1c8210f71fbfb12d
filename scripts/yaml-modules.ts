import { fileURLToPath } from 'node:url';

/**
 * For the aliases of a bundle: takes what it needs of yaml into it. From node_modules each start reads seventy files.
 */
export const yamlModules = {
  yaml: fileURLToPath(new URL('../node_modules/yaml/browser/dist/index.js', import.meta.url)),
};
