/*
 * A task's parameters become environment variables of its script. Some names have a meaning for shells, interpreters, loaders and
 * tools: with their values, anyone who can run the task could run other code, or redirect its traffic and its credentials.
 */

type ReservedNames = {
  /** Names; `*` matches anything. */
  names: readonly string[];
  /** What such a variable does. */
  effect: string;
  /** Match only this case: in lower case, these are ordinary words without a meaning. Other names match in any case, as on Windows. */
  caseSensitive?: true;
};

const splitNames = (text: string): string[] => text.trim().split(/\s+/);

const reserved: readonly ReservedNames[] = [
  { names: ['PATH', 'CDPATH', 'FPATH'], effect: 'sets where the shell looks for programs and folders' },
  {
    names: splitNames(`
      IFS ENV PS0 PS1 PS2 PS4 SHELLOPTS BASHOPTS BASH_* PROMPT_COMMAND GLOBIGNORE EXECIGNORE ZDOTDIR
      POSIXLY_CORRECT
    `),
    effect: 'changes how the shell reads and runs the script',
  },
  { names: ['TMP', 'TEMP'], effect: 'sets where programs store temporary files', caseSensitive: true },
  { names: ['TMPDIR', 'PWD', 'OLDPWD'], effect: 'sets the folder in which the script works' },
  {
    names: ['HOME', 'SHELL', 'LANG'],
    effect: 'is set for every script, or for every program it starts',
    caseSensitive: true,
  },
  {
    names: ['EDITOR', 'VISUAL', 'PAGER', 'BROWSER'],
    effect: 'sets a program that other programs start',
    caseSensitive: true,
  },
  {
    names: splitNames(`
      MANPAGER LESSOPEN LESSCLOSE SUDO_* SSH_* RSYNC_RSH CVS_RSH SVN_SSH HGEDITOR HGMERGE
      KUBECTL_EXTERNAL_DIFF BORG_* RESTIC_* RCLONE_* CCACHE_* RIPGREP_CONFIG_PATH VIMINIT EXINIT
    `),
    effect: 'sets a program that other programs start',
  },
  {
    names: splitNames(`
      LD_* DYLD_* GCONV_PATH GETCONF_DIR LIBPATH SHLIB_PATH SASL_PATH QT_PLUGIN_PATH
    `),
    effect: 'can load other code into every program',
  },
  {
    names: splitNames(`
      LC_* LOCPATH NLSPATH GLIBC_TUNABLES MALLOC_* TERMINFO TERMINFO_DIRS TERMCAP
    `),
    effect: 'changes how every program works, or which files it reads',
  },
  {
    names: ['RES_OPTIONS', 'HOSTALIASES', 'LOCALDOMAIN', '*_proxy'],
    effect: 'can redirect the network traffic of programs',
  },
  {
    names: splitNames(`
      SSL_CERT_* CURL_CA_BUNDLE REQUESTS_CA_BUNDLE OPENSSL_* SSLKEYLOGFILE GNUPGHOME KRB5*
    `),
    effect: 'sets which certificates programs trust, or where they store keys',
  },
  {
    names: splitNames(`
      NODE_* NPM_* YARN_* PYTHON* PIP_* PERL* RUBY* GEM_* BUNDLE_* LUA_* PHPRC PHP_INI_SCAN_DIR
      TCLLIBPATH R_PROFILE* R_ENVIRON* R_LIBS* JULIA_* ERL_* GUILE_* PSMODULEPATH DOTNET_* CORECLR_*
      COMPLUS_* ASPNETCORE_* AWKPATH AWKLIBPATH GOFLAGS GOPROXY GOROOT GOPATH GOENV GOTOOLCHAIN
      GOTOOLDIR CGO_* GCC_EXEC_PREFIX COMPILER_PATH DENO_* BUN_* UV_* PNPM_* COREPACK_* POETRY_*
      CONDA_* NUGET_* MSBUILD* CARGO_* RUSTC_* RUSTFLAGS RUSTUP_* CLASSPATH JAVA_TOOL_OPTIONS
      JAVA_OPTIONS JAVA_OPTS JAVA_HOME JDK_JAVA_OPTIONS _JAVA_OPTIONS MAVEN_OPTS GRADLE_OPTS
      SBT_OPTS ANT_OPTS ANT_ARGS CATALINA_OPTS
    `),
    effect: 'can make an interpreter load other code',
  },
  {
    names: splitNames(`
      GIT_* XDG_* CURL_HOME WGETRC TAR_OPTIONS MAKEFLAGS MAKEFILES SYSTEMD_* DBUS_* KUBECONFIG
      HELM_* DOCKER_* TF_CLI_* TF_DATA_DIR TF_PLUGIN_* TF_REATTACH_PROVIDERS ANSIBLE_* HGRCPATH
      PSQLRC PGSERVICEFILE PGSYSCONFDIR PGPASSFILE SQLPATH TNS_ADMIN ODBCINI ODBCSYSINI
      GOOGLE_APPLICATION_CREDENTIALS CONTAINERS_* CONTAINER_HOST REGISTRY_AUTH_FILE AWS_* CLOUDSDK_*
    `),
    effect: 'configures a tool, and can make it run other code or sign in elsewhere',
  },
  {
    names: splitNames(`
      AZURE_* AZCOPY_* ARM_MSI_ENDPOINT ARM_METADATA_HOST ARM_METADATA_HOSTNAME IDENTITY_ENDPOINT
      IDENTITY_HEADER IDENTITY_SERVER_THUMBPRINT IMDS_ENDPOINT MSI_ENDPOINT MSI_SECRET
    `),
    effect: 'configures Azure’s tools: where they load code from and where they send tokens',
  },
  {
    names: splitNames(`
      COMPOSE_* VAULT_ADDR VAULT_AGENT_ADDR VAULT_PROXY_ADDR CONSUL_HTTP_ADDR NOMAD_ADDR GH_HOST
    `),
    effect: 'configures a tool, and can make it run other code or sign in elsewhere',
    caseSensitive: true,
  },
  { names: ['COXSWAIN_*'], effect: 'configures Coxswain' },
  { names: ['__proto__', 'constructor', 'prototype'], effect: 'has a special meaning in JavaScript' },
];

const toPattern = ({ names, caseSensitive }: ReservedNames): RegExp => {
  const alternatives = names.map((name) => name.replaceAll('*', '.*')).join('|');
  return new RegExp(`^(?:${alternatives})$`, caseSensitive ? '' : 'i');
};

const patterns = reserved.map((entry) => ({ pattern: toPattern(entry), does: entry.effect }));

/** Returns what an environment variable of this name does; undefined if a parameter can have the name. */
export const findReservedEffect = (name: string): string | undefined =>
  patterns.find(({ pattern }) => pattern.test(name))?.does;
