import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parseDefinition } from '../../compute/orchestrator/catalogue/catalogue.ts';

const wordsOf = (text: string): string[] => text.trim().split(/\s+/);

/** One name for each that the issue or the decision lists; `*` filled in. */
const dangerous = wordsOf(`
  PATH IFS ENV PS4 __proto__ LD_PRELOAD LD_AUDIT DYLD_INSERT_LIBRARIES BASH_ENV BASH_FUNC_ls
  GIT_SSH_COMMAND NODE_OPTIONS PYTHONSTARTUP PYTHONPATH PERL5OPT PERLLIB RUBYOPT JAVA_TOOL_OPTIONS
  http_proxy ALL_PROXY no_proxy SSL_CERT_FILE SSL_CERT_DIR COXSWAIN_STORAGE COXSWAIN_PROGRAM_UID
  SHELLOPTS BASHOPTS PROMPT_COMMAND CDPATH TMPDIR CURL_CA_BUNDLE REQUESTS_CA_BUNDLE
  AZURE_CONFIG_DIR AZURE_EXTENSION_DIR IDENTITY_ENDPOINT IDENTITY_HEADER MSI_ENDPOINT MSI_SECRET
  OPENSSL_CONF JDK_JAVA_OPTIONS _JAVA_OPTIONS LC_ALL constructor prototype ZDOTDIR GCONV_PATH
  LOCPATH MALLOC_CHECK_ GLIBC_TUNABLES RES_OPTIONS HOSTALIASES KUBECONFIG XDG_CONFIG_HOME
  SSH_ASKPASS TAR_OPTIONS LESSOPEN TF_CLI_ARGS LUA_INIT SSLKEYLOGFILE SUDO_ASKPASS
  DOTNET_STARTUP_HOOKS RESTIC_PASSWORD_COMMAND BORG_PASSCOMMAND RCLONE_CONFIG KUBECTL_EXTERNAL_DIFF
  CCACHE_PREFIX RIPGREP_CONFIG_PATH GCC_EXEC_PREFIX COMPILER_PATH GOROOT GOTOOLCHAIN CGO_CFLAGS ERL_FLAGS
  JULIA_LOAD_PATH R_LIBS_USER ANSIBLE_CONFIG PSQLRC PGSERVICEFILE SQLPATH SASL_PATH HGRCPATH SVN_SSH VIMINIT
  GOOGLE_APPLICATION_CREDENTIALS TF_REATTACH_PROVIDERS RUSTFLAGS SBT_OPTS CONTAINERS_CONF DENO_DIR UV_INDEX_URL
`);

/** Names that are dangerous as they are written alone: in lower case they are ordinary. */
const inCapitals = wordsOf(`
  HOME SHELL LANG EDITOR VISUAL PAGER BROWSER TMP TEMP COMPOSE_FILE VAULT_ADDR CONSUL_HTTP_ADDR GH_HOST
`);

const ordinary = wordsOf(`
  VMName ResourceGroupName location who seconds place Token password region user userName group
  count size image tag branch commit version message email host port url proxy home shell lang
  language browser editor temp tz filePath path_prefix environment environmentName git gitRef node
  nodeCount uid java javaVersion dockerImage subscription SubscriptionId azure arm_template
  identity_name msi ld lc BASH GIT sslEnabled PATHS myPATH TF_VAR_x vaultName VAULT_NAME github_repo
  GITHUB_TOKEN PGHOST PGPASSWORD database gopher go uv bun conda ansible rclone restic container
`);

const definition = (parameterName: string): string =>
  JSON.stringify({
    taskName: 'Deploy',
    dockerImage: 'image',
    scriptName: 'deploy.sh',
    scriptParameters: [{ parameterName: 'first' }, { parameterName }],
  });

describe('a parameter', () => {
  const written = dangerous.flatMap((name) => [name, name.toLowerCase(), name.toUpperCase()]);
  test.each([...new Set(written), ...inCapitals])('cannot be named %s', (name) => {
    const read = parseDefinition('Deploy', definition(name));
    expect(read.ok).toBe(false);
    const { message } = (read as Extract<typeof read, { ok: false }>).problem;
    expect(message).toContain(`its parameter ${name} has a reserved name`);
    expect(message).toContain('Rename the parameter');
  });

  test.each(ordinary)('can be named %s', (name) => {
    expect(parseDefinition('Deploy', definition(name)).ok).toBe(true);
  });
});

test('the sample tasks keep to it', () => {
  const files = readdirSync('compute/tasks').filter((name) => name.endsWith('.json'));
  for (const file of files) {
    const task = file.replace('.json', '');
    expect(parseDefinition(task, readFileSync(`compute/tasks/${file}`, 'utf8'))).toMatchObject({ ok: true });
  }
});
