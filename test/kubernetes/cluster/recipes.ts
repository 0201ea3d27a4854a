import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { helmRecipe, needsGo } from '../../../.ci/tools/go.ts';
import type { Recipe, Step } from '../../../.ci/tools/recipe.ts';

/*
 * The programs of a cluster, each built from its Go module: those that need a main module from a folder of `go/`, with the versions in
 * its go.mod; the others where they lie in the module cache, with the versions in their own go.mod.
 */

const withoutCgo = { CGO_ENABLED: '0' };

/** Neither paths of this machine nor symbols for a debugger: smaller programs that are the same everywhere. */
const buildArguments = (output: string, flags: string): string[] => [
  'build',
  '-trimpath',
  '-buildvcs=false',
  `-ldflags=-s -w ${flags}`,
  '-o',
  output,
];

type OwnModule<Tool extends string> = {
  /** The folder in `go/`. */
  name: string;
  tools: readonly Tool[];
  packages: readonly string[];
  flags?: string;
};

/** Returns the recipe of a folder of `go/`. */
const ownRecipe = <Tool extends string>({
  name,
  tools,
  packages,
  flags = '',
}: OwnModule<Tool>): Recipe<Tool> => {
  const source = join(goFolder, name);
  const hash = createHash('sha256');
  for (const file of readdirSync(source).sort()) hash.update(readFileSync(join(source, file)));
  return {
    tools,
    folder: `${name}-${hash.digest('hex').slice(0, 12)}`,
    needs: needsGo,
    steps: (folder) => [
      {
        // Several programs go into a folder, each with the name of its package.
        command: [
          'go',
          ...buildArguments(join(folder, tools.length > 1 ? 'bin/' : `bin/${tools[0]}`), flags),
          ...packages,
        ],
        folder: source,
        environment: withoutCgo,
      },
    ],
  };
};

const goFolder = join(import.meta.dirname, 'go');

const kubernetesPrograms = [
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kube-proxy',
  'kubelet',
  'kubectl',
] as const;

/** Returns the flags that set the version that the programs report. Without it, the API server reports v0.0.0. */
const buildKubernetesFlags = (): string => {
  const [, version = '', minor = ''] =
    /k8s\.io\/kubernetes v(1\.(\d+)\.\d+)/.exec(readFileSync(join(goFolder, 'kubernetes/go.mod'), 'utf8')) ??
    [];
  return Object.entries({ gitVersion: `v${version}`, gitMajor: '1', gitMinor: minor })
    .map(([name, value]) => `-X k8s.io/component-base/version.${name}=${value}`)
    .join(' ');
};

const ownRecipes = () => [
  ownRecipe({ name: 'pause', tools: ['pause'], packages: ['.'] }),
  ownRecipe({
    name: 'kubernetes',
    tools: kubernetesPrograms,
    packages: kubernetesPrograms.map((name) => `k8s.io/kubernetes/cmd/${name}`),
    flags: buildKubernetesFlags(),
  }),
  ownRecipe({ name: 'etcd', tools: ['etcd'], packages: ['go.etcd.io/etcd/server/v3'] }),
  ownRecipe({ name: 'coredns', tools: ['coredns'], packages: ['.'] }),
  ownRecipe({ name: 'kube-router-firewall', tools: ['kube-router-firewall'], packages: ['.'] }),
];

type PublishedModule<Tool extends string> = {
  name: string;
  module: string;
  version: string;
  /** The package of each program, relative to the module. */
  packages: Readonly<Record<Tool, string>>;
  flags?: string;
  tags?: string;
  /** A folder of the module that is copied beside the programs. */
  copied?: string;
};

/** Returns the recipe of a module whose go.mod names all that it needs. */
const publishedRecipe = <Tool extends string>(
  { name, module, version, packages, flags = '', tags = '', copied }: PublishedModule<Tool>,
  moduleCache: string,
): Recipe<Tool> => {
  const source = join(moduleCache, `${module}@v${version}`);
  const programs = Object.entries<string>(packages);
  return {
    tools: Object.keys(packages) as Tool[],
    folder: `${name}-${version}`,
    needs: needsGo,
    steps: (folder) => [
      { command: ['go', 'mod', 'download', `${module}@v${version}`] },
      ...programs.map(([tool, path]): Step => ({
        command: ['go', ...buildArguments(join(folder, 'bin', tool), flags), `-tags=${tags}`, path],
        folder: source,
        environment: withoutCgo,
      })),
      ...(copied
        ? [
            {
              command: ['cp', '-r', '--no-preserve=mode', join(source, copied), join(folder, copied)],
            } satisfies Step,
          ]
        : []),
    ],
  };
};

const containerd = {
  name: 'containerd',
  module: 'github.com/containerd/containerd/v2',
  version: '2.4.2',
  packages: {
    containerd: './cmd/containerd',
    'containerd-shim-runc-v2': './cmd/containerd-shim-runc-v2',
    ctr: './cmd/ctr',
  },
  flags: '-X github.com/containerd/containerd/v2/version.Version=v2.4.2',
  tags: 'no_btrfs,no_devmapper,no_zfs',
};

/** With its manifests, which the module contains. */
const keda = {
  name: 'keda',
  module: 'github.com/kedacore/keda/v2',
  version: '2.21.0',
  packages: {
    keda: './cmd/operator',
    'keda-adapter': './cmd/adapter',
    'keda-admission-webhooks': './cmd/webhooks',
  },
  copied: 'config',
};

/** Returns the recipes of all programs of a cluster, in the order in which they are built. */
export const clusterRecipes = (moduleCache: string) => [
  ...ownRecipes(),
  publishedRecipe(containerd, moduleCache),
  publishedRecipe(keda, moduleCache),
  helmRecipe,
];

/** Returns the folder of KEDA's manifests. */
export const kedaFolder = `keda-${keda.version}`;
