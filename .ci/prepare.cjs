// The npm script "prepare": builds the command line, so that "npx --no-install coxswain" works after "npm ci". CommonJS that any version
// of Node can run: without the development dependencies (npm ci --omit=dev), there is neither esbuild nor Node 24, and nothing is built.
const { existsSync } = require('node:fs');
const path = require('node:path');

const hasTools = existsSync(path.join(__dirname, '../node_modules/esbuild'));
if (hasTools && Number(process.versions.node.split('.')[0]) >= 24)
  import('./cli-bundle.ts')
    .then(({ buildCli }) => buildCli())
    // Only the command line is missing then: an installation that has everything else does not fail.
    .catch((error) => console.error(`Could not build the command line: ${error.message}`));
