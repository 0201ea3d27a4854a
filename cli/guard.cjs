// CommonJS that any version of Node can run, to report that Node is too old.
const { pathToFileURL } = require('node:url');
const path = require('node:path');

const needed = 24;
const [, , target] = process.argv;
if (Number(process.versions.node.split('.')[0]) < needed) {
  console.error(
    `Coxswain requires Node ${needed}; this is Node ${process.versions.node}.\n` +
      `"npm ci" installs Node ${needed} (package "node"), unless it runs with --ignore-scripts.\n` +
      `Run "npm ci" without --ignore-scripts, or install Node ${needed}.`,
  );
  process.exit(7);
}
process.argv.splice(1, 2, path.resolve(target));
// Children inherit the setting, and load what other processes have compiled.
process.env.NODE_COMPILE_CACHE ??= path.resolve(__dirname, '../node_modules/.cache/compile');
require('node:module').enableCompileCache(process.env.NODE_COMPILE_CACHE);
void import(pathToFileURL(process.argv[1]).href);
