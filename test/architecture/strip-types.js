import { stripTypeScriptTypes } from 'node:module';

/** Jest transformer: the same type stripping that Node itself does when it runs a .ts file. */
export default {
  process: (source) => ({ code: stripTypeScriptTypes(source) }),
};
