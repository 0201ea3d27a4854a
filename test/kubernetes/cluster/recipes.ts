import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { helmRecipe, needsGo } from '../../../.ci/tools/go.ts';
import type { Recipe, Step } from '../../../.ci/tools/recipe.ts';

/*
 * The programs of a cluster, each built from its Go module. Two modules cannot be built as they are published, or only with a main
 * module: these have a go.mod in `go/`, which also holds the version. The others are built where they lie in the module cache, with the
 * versions that their own go.mod names.
 */

const goFolder = join(import.meta.dirname, 'go');

/** Neither paths of this machine nor symbols for a debugger: smaller programs that are the same everywhere. */
const buildArguments = (flags: string, output: string): string[] => [
  'build',
  '-trimpath',
  '-buildvcs=false',
  `-ldflags=-s -w ${flags}`,
  '-o',
  output,
];

const withoutCgo = { CGO_ENABLED: '0' };

/** Returns the version that a go.mod of `go/` requires of a module. */
const readVersion = (folder: string, module: string): string => {
  const text = readFileSync(join(goFolder, folder, 'go.mod'), 'utf8');
  const version = text.split(`${module} v`)[1]?.split(/\s/)[0];
  if (!version) throw new Error(`${folder}/go.mod does not require ${module}`);
  return version;
};

/** Returns the command that builds packages with a go.mod of `go/`. `output`: a program, or a folder that ends with a slash. */
const buildWithMain = (folder: string, packages: readonly string[], output: string, flags = ''): Step => ({
  command: ['go', ...buildArguments(flags, output), ...packages],
  folder: join(goFolder, folder),
  environment: withoutCgo,
});

const kubernetesPrograms = [
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kube-proxy',
  'kubelet',
  'kubectl',
] as const;

/** Its go.mod replaces libraries by folders that a module does not contain: ours replaces them by their releases. */
const kubernetesRecipe = (): Recipe<(typeof kubernetesPrograms)[number]> => {
  const version = readVersion('kubernetes', 'k8s.io/kubernetes');
  const [major, minor] = version.split('.');
  const flags = Object.entries({ gitVersion: `v${version}`, gitMajor: major, gitMinor: minor })
    .map(([name, value]) => `-X k8s.io/component-base/version.${name}=${value}`)
    .join(' ');
  const packages = kubernetesPrograms.map((name) => `k8s.io/kubernetes/cmd/${name}`);
  return {
    tools: kubernetesPrograms,
    folder: `kubernetes-${version}`,
    needs: needsGo,
    steps: (folder) => [buildWithMain('kubernetes', packages, `${join(folder, 'bin')}/`, flags)],
  };
};

const etcdRecipe = (): Recipe<'etcd'> => ({
  tools: ['etcd'],
  folder: `etcd-${readVersion('etcd', 'go.etcd.io/etcd/server/v3')}`,
  needs: needsGo,
  steps: (folder) => [buildWithMain('etcd', ['go.etcd.io/etcd/server/v3'], join(folder, 'bin/etcd'))],
});

const pauseRecipe = (): Recipe<'pause'> => {
  const source = join(goFolder, 'pause/main.go');
  const digest = createHash('sha256').update(readFileSync(source)).digest('hex').slice(0, 12);
  return {
    tools: ['pause'],
    folder: `pause-${digest}`,
    needs: needsGo,
    steps: (folder) => [buildWithMain('pause', [source], join(folder, 'bin/pause'))],
  };
};

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
        command: ['go', ...buildArguments(flags, join(folder, 'bin', tool)), `-tags=${tags}`, path],
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

const coredns = {
  name: 'coredns',
  module: 'github.com/coredns/coredns',
  version: '1.15.0',
  packages: { coredns: '.' },
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
  pauseRecipe(),
  kubernetesRecipe(),
  etcdRecipe(),
  publishedRecipe(containerd, moduleCache),
  publishedRecipe(coredns, moduleCache),
  publishedRecipe(keda, moduleCache),
  helmRecipe,
];

/** Returns the folder of KEDA's manifests. */
export const kedaFolder = `keda-${keda.version}`;
