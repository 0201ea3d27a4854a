import { rm, stat } from 'node:fs/promises';
import { build } from 'esbuild';

/* One file per deployable, in dist/. Each must load with nothing beside it but Node. */

const deployables = {
  bot: 'bot/main.ts',
  orchestrator: 'compute/orchestrator/main.ts',
  worker: 'compute/worker/main.ts',
  runner: 'compute/runner/main.ts',
};

await rm('dist', { recursive: true, force: true });
await build({
  entryPoints: deployables,
  outdir: 'dist',
  outExtension: { '.js': '.mjs' },
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node24',
  minify: true,
  keepNames: true,
  sourcemap: 'linked',
  logLevel: 'warning',
  // The Functions host brings this module with it; it is in no registry.
  external: ['@azure/functions-core'],
  // Packages in CommonJS call require() for Node's own modules.
  banner: { js: "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);" },
});
for (const name of Object.keys(deployables)) {
  const { size } = await stat(`dist/${name}.mjs`);
  console.log(`dist/${name}.mjs  ${Math.round(size / 1024)} kB`);
}
