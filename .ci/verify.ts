import { join } from 'node:path';
import { chdir } from 'node:process';
import { lint } from './verify/lint.ts';
import { installTools, seconds } from './verify/tools.ts';
import { runWorkflows } from './verify/workflows.ts';

/*
 * `npm run verify`: other people's linters over our workflows, and act runs them whole. The tools are installed into a folder
 * in the user's cache (or COXSWAIN_CACHE), by Go and Python; where those are missing, what needs them is skipped.
 */

chdir(join(import.meta.dirname, '..'));
const started = Date.now();
const { tools, missing } = await installTools();
const checks = [...(await lint(tools)), ...(tools.act ? await runWorkflows(tools.act) : [])];

for (const { name, wrong, said } of checks) {
  console.log(`${wrong.length === 0 ? 'passed ' : 'FAILED '} ${name}`);
  if (wrong.length > 0) console.log([...wrong, said].join('\n').replaceAll(/^/gm, '        '));
}
for (const { tools: names, why } of missing) console.log(`skipped ${names.join(', ')}: ${why}`);

const failed = checks.filter(({ wrong }) => wrong.length > 0).length;
console.log(`verify: ${checks.length - failed} passed, ${failed} failed in ${seconds(started)}`);
process.exitCode = failed === 0 ? 0 : 1;
