/** The texts of a new deployment repository around its resource. */
import type { Release } from './release.ts';

/** Secret values stay out of git, and so do the temporary files of a run that was killed. */
export const ignoreText = `# Secret values: "glyphoxa-kustomize secrets init" writes them, and they stay on this machine.
secrets.env
overlays/*/secrets/
*.glyphoxa-tmp

# Charts that kustomize fetched.
infrastructure/*/charts/
`;

/** Line ends are part of what is deployed. Of the checksums of two branches both count. */
export const attributesText = `* text=auto eol=lf
.glyphoxa-kustomize.sum linguist-generated merge=union
base/** linguist-generated
components/** linguist-generated
infrastructure/** linguist-generated
tenants/** linguist-generated
engine/** linguist-generated
overlays/*/patches/** linguist-generated
overlays/*/resources/** linguist-generated
overlays/*/replacements.yaml linguist-generated
`;

/**
 * What Renovate may update: the image in the environments' kustomizations, and chart versions, both where they are
 * said (behind a comment \`# renovate: depName=NAME registryUrl=URL\`) and in the folders that follow from it.
 */
export const renovateText = `${JSON.stringify(
  {
    $schema: 'https://docs.renovatebot.com/renovate-schema.json',
    extends: ['config:recommended'],
    customManagers: [
      {
        customType: 'regex',
        managerFilePatterns: ['/(^|/)glyphoxa\\.yaml$/', '/(^|/)config\\.yaml$/'],
        matchStrings: [
          '# renovate: depName=(?<depName>\\S+) registryUrl=(?<registryUrl>\\S+)\\s+version: "?(?<currentValue>[^"\\s]+)',
        ],
        datasourceTemplate: 'helm',
      },
    ],
  },
  null,
  2,
)}
`;

/** Written files are not for editing. */
export const editorText = `${JSON.stringify(
  {
    'files.readonlyInclude': { 'base/**': true, 'components/**': true, 'infrastructure/**': true },
  },
  null,
  2,
)}
`;

/** A pipeline that fails where the input is wrong, or the tree is not what follows from it. */
export const workflowText = (release: Release) => `name: glyphoxa
on:
  push:
    branches: [main]
  pull_request:

permissions:
  contents: read

jobs:
  check:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@08eba0b27e820071cde6df949e0beb9ba4906955 # v4.3.0
        with:
          persist-credentials: false
${installSteps(release)}
      - run: glyphoxa-kustomize validate . overlays --output github
      - run: glyphoxa-kustomize generate --check
`;

/**
 * The command from its release; until there is one, from a file in the repository. From a registry it would be whoever
 * took the name there, so npm is told not to ask any.
 */
function installSteps({ repository, commit, version, file }: Release): string {
  if (repository !== undefined && commit !== undefined)
    return `      - uses: ${repository}/setup@${commit} # v${version}`;
  return `      - uses: actions/setup-node@49933ea5288caeca8642d1e84afbd3f7d6820020 # v4.4.0
        with:
          node-version: "20"
      # "npm pack" in a clone of glyphoxa-kustomize makes this file. Commit it.
      - run: npm install --global --offline --ignore-scripts ./${file} # zizmor: ignore[adhoc-packages]`;
}

/** What a newcomer to the repository needs to know. */
export function readmeText(release: string, environments: readonly string[]): string {
  const [first = 'production'] = environments;
  return `# ${release}

The deployment of [Glyphoxa](https://github.com/MrWong99/glyphoxa), as [Kustomize](https://kustomize.io) takes it.

| path | what it is |
|---|---|
| \`glyphoxa.yaml\` | what all environments share |
| \`overlays/<environment>/config.yaml\` | what an environment changes |
| \`base/\`, \`components/\`, the rest of \`overlays/\` | written from these, and committed |
| \`renovate.json\` | what Renovate updates: the image of each environment, and the charts |

Change a value, write the tree, look at what changed, commit:

\`\`\`sh
glyphoxa-kustomize explain gateway.replicaCount
glyphoxa-kustomize validate . overlays
glyphoxa-kustomize generate
git diff
\`\`\`

Deploy an environment. The namespace and the Secret are yours to make: \`${release}-secrets\`, with at least the keys
\`admin-key\` and \`database-dsn\`. \`apply\` says what is missing, before it touches anything.

\`\`\`sh
glyphoxa-kustomize secrets init ${first}
glyphoxa-kustomize apply ${first}
glyphoxa-kustomize status ${first}
\`\`\`

Or leave it to a GitOps controller that watches \`overlays/${first}\`.
`;
}
