/** Resources that the tests of the command line share. */

/** What every resource and environment begins with. */
export const identity = 'apiVersion: deploy.glyphoxa.io/v1alpha1\nkind: Glyphoxa\n';

/** The smallest resource. */
export const smallest = `${identity}metadata:\n  name: tavern\n`;

/** A resource with a mistake on line 7, column 19. */
export const mistaken = `${smallest}spec:\n  gateway:\n    replicaCount: -1\n`;

/** Text that stands wherever a secret may stand, and nowhere else. */
export const canary = 'cAnArY-7f3a';

/** A resource that makes its Secret of literal values, a variable and a file. */
export const withSecrets = `${smallest}spec:
  secrets:
    provider: kubernetes
    providerKeys:
      openai:
        fromEnv: TAVERN_OPENAI
      deepgram:
        fromFile: keys/deepgram.txt
  gateway:
    adminKey:
      value: ${canary}-literal
  database:
    dsn:
      value: postgres://u:${canary}-dsn@db.example.com/glyphoxa
  config:
    providers:
      llm:
        name: openai
        model: m
        api_key: ${canary}-file
        options: {token: ${canary}-option}
    mcp:
      servers:
        - name: x
          transport: stdio
          command: run
          env: {TOKEN: ${canary}-env}
`;
