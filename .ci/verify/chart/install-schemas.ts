import { execFile } from 'node:child_process';
import { glob, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { parseAllDocuments } from 'yaml';
import { platforms, schemaPath } from './platforms.ts';
import {
  toCustomSchemas,
  toKindSchemas,
  type CustomResourceDefinition,
  type KindSchema,
  type KubernetesSchema,
} from './strict-schema.ts';

/*
 * `node install-schemas.ts FOLDER` writes the schemas of Kubernetes, KEDA and the Gateway API, for all platforms, into FOLDER. The schemas
 * come from the projects' own Go modules, and are converted for kubeconform.
 */

/** Downloads a Go module, if necessary, and returns its folder. */
const findModule = async (module: string): Promise<string> => {
  const { stdout } = await promisify(execFile)('go', ['mod', 'download', '-json', module], {
    // Outside of any Go module, and with the toolchain that is installed.
    env: { ...process.env, GOTOOLCHAIN: 'local', GOFLAGS: '-mod=mod' },
  });
  return (JSON.parse(stdout) as { Dir: string }).Dir;
};

type Definitions = Record<string, KubernetesSchema>;

const readDefinitions = async (version: string): Promise<Definitions> => {
  const folder = await findModule(`k8s.io/kubernetes@v${version}`);
  const text = await readFile(join(folder, 'api/openapi-spec/swagger.json'), 'utf8');
  return (JSON.parse(text) as { definitions: Definitions }).definitions;
};

const readCustomResources = async (module: string, files: string): Promise<CustomResourceDefinition[]> => {
  const paths = await Array.fromAsync(glob(join(await findModule(module), files)));
  if (paths.length === 0) throw new Error(`no ${files} in ${module}`);
  const texts = await Promise.all(paths.map((path) => readFile(path, 'utf8')));
  // The Gateway API keeps an admission policy among its definitions.
  return texts
    .flatMap((text) => parseAllDocuments(text).map((document) => document.toJS() as CustomResourceDefinition))
    .filter(({ kind }) => kind === 'CustomResourceDefinition');
};

const write = async (folder: string, schemas: readonly KindSchema[]): Promise<void> => {
  for (const { schema, ...id } of schemas) {
    const path = join(folder, schemaPath(id));
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, JSON.stringify(schema));
  }
};

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('usage: node install-schemas.ts FOLDER');
for (const platform of platforms) {
  const definitions = await readDefinitions(platform.kubernetes);
  const custom = [
    ...(await readCustomResources(
      `github.com/kedacore/keda/v2@v${platform.keda}`,
      'config/crd/bases/*.yaml',
    )),
    ...(await readCustomResources(
      `sigs.k8s.io/gateway-api@v${platform.gatewayApi}`,
      'config/crd/standard/gateway.networking.k8s.io_*.yaml',
    )),
  ];
  await write(join(folder, platform.kubernetes), [
    ...toKindSchemas(definitions),
    ...custom.flatMap((definition) => toCustomSchemas(definition, definitions)),
  ]);
}
