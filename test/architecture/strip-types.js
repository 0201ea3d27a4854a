import { stripTypeScriptTypes } from 'node:module';

/** A jest transformer that strips types as Node does when it runs a .ts file. */
export default {
  process: (source) => ({ code: stripTypeScriptTypes(source) }),
};
