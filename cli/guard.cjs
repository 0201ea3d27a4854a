// Plain CommonJS that any Node can read: it must be able to say that Node is too old.
const { pathToFileURL } = require('node:url');
const path = require('node:path');

const needed = 24;
const [, , target] = process.argv;
if (Number(process.versions.node.split('.')[0]) < needed) {
  console.error(
    `Coxswain runs on Node ${needed}, this is Node ${process.versions.node}.\n` +
      `"npm ci" brings Node ${needed} along (package "node"); it seems to have run with --ignore-scripts.\n` +
      `Run "npm ci" again without it, or install Node ${needed}.`,
  );
  process.exit(1);
}
process.argv.splice(1, 2, path.resolve(target));
// Children inherit it: what one process has compiled, the next one loads.
process.env.NODE_COMPILE_CACHE ??= path.resolve(__dirname, '../node_modules/.cache/compile');
require('node:module').enableCompileCache(process.env.NODE_COMPILE_CACHE);
void import(pathToFileURL(process.argv[1]).href);
