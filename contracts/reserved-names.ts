/*
 * A task's parameters become environment variables of its script. Some names have a meaning for shells, interpreters, loaders and
 * tools: with their values, anyone who can run the task could run other code, or redirect its traffic and its credentials.
 */

type Reserved = {
  /** Names; `*` matches anything. */
  names: readonly string[];
  /** What such a variable does. */
  does: string;
  /** Match only this case: in lower case, these are ordinary words without a meaning. Other names match in any case, as on Windows. */
  asWritten?: true;
};

const namesIn = (text: string): string[] => text.trim().split(/\s+/);

const reserved: readonly Reserved[] = [
  { names: ['PATH', 'CDPATH', 'FPATH'], does: 'sets where the shell looks for programs and folders' },
  {
    names: namesIn(`
      IFS ENV PS0 PS1 PS2 PS4 SHELLOPTS BASHOPTS BASH_* PROMPT_COMMAND GLOBIGNORE EXECIGNORE ZDOTDIR
      POSIXLY_CORRECT
    `),
    does: 'changes how the shell reads and runs the script',
  },
  { names: ['TMP', 'TEMP'], does: 'sets where programs store temporary files', asWritten: true },
  { names: ['TMPDIR', 'PWD', 'OLDPWD'], does: 'sets the folder in which the script works' },
  {
    names: ['HOME', 'SHELL', 'LANG'],
    does: 'is set for every script, or for every program it starts',
    asWritten: true,
  },
  {
    names: ['EDITOR', 'VISUAL', 'PAGER', 'BROWSER'],
    does: 'sets a program that other programs start',
    asWritten: true,
  },
  {
    names: namesIn(`
      MANPAGER LESSOPEN LESSCLOSE SUDO_* SSH_* RSYNC_RSH CVS_RSH SVN_SSH HGEDITOR HGMERGE
      KUBECTL_EXTERNAL_DIFF BORG_* RESTIC_* RCLONE_* CCACHE_* RIPGREP_CONFIG_PATH VIMINIT EXINIT
    `),
    does: 'sets a program that other programs start',
  },
  {
    names: namesIn(`
      LD_* DYLD_* GCONV_PATH GETCONF_DIR LIBPATH SHLIB_PATH SASL_PATH QT_PLUGIN_PATH
    `),
    does: 'can load other code into every program',
  },
  {
    names: namesIn(`
      LC_* LOCPATH NLSPATH GLIBC_TUNABLES MALLOC_* TERMINFO TERMINFO_DIRS TERMCAP
    `),
    does: 'changes how every program works, or which files it reads',
  },
  {
    names: ['RES_OPTIONS', 'HOSTALIASES', 'LOCALDOMAIN', '*_proxy'],
    does: 'can redirect the network traffic of programs',
  },
  {
    names: namesIn(`
      SSL_CERT_* CURL_CA_BUNDLE REQUESTS_CA_BUNDLE OPENSSL_* SSLKEYLOGFILE GNUPGHOME KRB5*
    `),
    does: 'sets which certificates programs trust, or where they store keys',
  },
  {
    names: namesIn(`
      NODE_* NPM_* YARN_* PYTHON* PIP_* PERL* RUBY* GEM_* BUNDLE_* LUA_* PHPRC PHP_INI_SCAN_DIR
      TCLLIBPATH R_PROFILE* R_ENVIRON* R_LIBS* JULIA_* ERL_* GUILE_* PSMODULEPATH DOTNET_* CORECLR_*
      COMPLUS_* ASPNETCORE_* AWKPATH AWKLIBPATH GOFLAGS GOPROXY GOROOT GOPATH GOENV GOTOOLCHAIN
      GOTOOLDIR CGO_* GCC_EXEC_PREFIX COMPILER_PATH DENO_* BUN_* UV_* PNPM_* COREPACK_* POETRY_*
      CONDA_* NUGET_* MSBUILD* CARGO_* RUSTC_* RUSTFLAGS RUSTUP_* CLASSPATH JAVA_TOOL_OPTIONS
      JAVA_OPTIONS JAVA_OPTS JAVA_HOME JDK_JAVA_OPTIONS _JAVA_OPTIONS MAVEN_OPTS GRADLE_OPTS
      SBT_OPTS ANT_OPTS ANT_ARGS CATALINA_OPTS
    `),
    does: 'can make an interpreter load other code',
  },
  {
    names: namesIn(`
      GIT_* XDG_* CURL_HOME WGETRC TAR_OPTIONS MAKEFLAGS MAKEFILES SYSTEMD_* DBUS_* KUBECONFIG
      HELM_* DOCKER_* TF_CLI_* TF_DATA_DIR TF_PLUGIN_* TF_REATTACH_PROVIDERS ANSIBLE_* HGRCPATH
      PSQLRC PGSERVICEFILE PGSYSCONFDIR PGPASSFILE SQLPATH TNS_ADMIN ODBCINI ODBCSYSINI
      GOOGLE_APPLICATION_CREDENTIALS CONTAINERS_* CONTAINER_HOST REGISTRY_AUTH_FILE AWS_* CLOUDSDK_*
    `),
    does: 'configures a tool, and can make it run other code or sign in elsewhere',
  },
  {
    names: namesIn(`
      AZURE_* AZCOPY_* ARM_MSI_ENDPOINT ARM_METADATA_HOST ARM_METADATA_HOSTNAME IDENTITY_ENDPOINT
      IDENTITY_HEADER IDENTITY_SERVER_THUMBPRINT IMDS_ENDPOINT MSI_ENDPOINT MSI_SECRET
    `),
    does: 'configures Azure’s tools: where they load code from and where they send tokens',
  },
  {
    names: namesIn(`
      COMPOSE_* VAULT_ADDR VAULT_AGENT_ADDR VAULT_PROXY_ADDR CONSUL_HTTP_ADDR NOMAD_ADDR GH_HOST
    `),
    does: 'configures a tool, and can make it run other code or sign in elsewhere',
    asWritten: true,
  },
  { names: ['COXSWAIN_*'], does: 'configures Coxswain' },
  { names: ['__proto__', 'constructor', 'prototype'], does: 'has a special meaning in JavaScript' },
];

const patternOf = ({ names, asWritten }: Reserved): RegExp => {
  const alternatives = names.map((name) => name.replaceAll('*', '.*')).join('|');
  return new RegExp(`^(?:${alternatives})$`, asWritten ? '' : 'i');
};

const patterns = reserved.map((entry) => ({ pattern: patternOf(entry), does: entry.does }));

/** Returns what an environment variable of this name does; undefined if a parameter can have the name. */
export const reservedFor = (name: string): string | undefined =>
  patterns.find(({ pattern }) => pattern.test(name))?.does;
