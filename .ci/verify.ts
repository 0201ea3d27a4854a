import { join } from 'node:path';
import { chdir } from 'node:process';
import { runProgram } from '../runtime/lifecycle.ts';
import { createLogger } from '../runtime/log.ts';
import { checkChart } from './verify/chart/check-chart.ts';
import { formatSeconds, printResult } from './verify/check-result.ts';
import { checkImages } from './verify/images.ts';
import { lint } from './verify/lint.ts';
import { checkPackage } from './verify/package.ts';
import { installTools } from './verify/tools.ts';
import { checkRunner } from './verify/runner/check-runner.ts';
import { checkVisibleCommands } from './verify/markdown-visibility/check-visibility.ts';
import { runWorkflows } from './verify/workflows.ts';

/*
 * `npm run verify` runs linters, checks the chart, compares our reader of commands with GitHub's Markdown parser, runs our workflows under
 * act, runs the orchestrator's package on Node 22, builds and runs our images, and runs the sample tasks with the Azure CLI in the runner's
 * image.
 * The tools are installed with Go, Python and npm into a folder in the user's cache (or COXSWAIN_CACHE). Checks whose tools are missing are
 * skipped.
 */

chdir(join(import.meta.dirname, '..'));
process.env['LOG_LEVEL'] ??= 'warn';

await runProgram(createLogger('verify'), async () => {
  const started = Date.now();
  const { tools, missing, installed } = await installTools();
  const workflows = async () => (tools.act ? runWorkflows(tools.act) : []);
  const visible = async () => (tools.python ? [await printResult(checkVisibleCommands(tools.python))] : []);
  const linted = [...installed, ...(await lint(tools)), ...(await checkChart('charts/coxswain', tools))];
  const packaged = async () => (tools.node22 ? [await printResult(checkPackage(tools.node22))] : []);
  const ran = [...(await packaged()), ...(await visible()), ...(await workflows())];
  const images = await checkImages();
  const runner = await checkRunner(tools.az);
  missing.push(...images.missing, ...runner.missing);
  const checks = [...linted, ...ran, ...images.checks, ...runner.checks];
  for (const { tools: names, why } of missing) console.log(`skipped ${names.join(', ')}: ${why}`);
  const failed = checks.filter(({ wrong }) => wrong.length > 0).length;
  const skipped = missing.flatMap(({ tools: names }) => names).length;
  const counts = `${checks.length - failed} passed, ${failed} failed, ${skipped} skipped`;
  console.log(`verify: ${counts} in ${formatSeconds(started)}`);
  return failed === 0 ? 0 : 1;
});
