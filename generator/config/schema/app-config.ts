/**
 * The configuration file of the program, typed as the program reads it: snake case, unknown keys refused.
 * It is written to the cluster as it stands, so nothing in it has a default here.
 */
import Type from 'typebox';
import { provider } from './app-providers.ts';
import { names, plainText, secretText, switched } from './app-values.ts';
import { blankIsUnset, choice, httpPattern, list, map, object, optional, text } from './build.ts';

const npc = object(
  {
    name: text({ title: 'Name', description: 'The name of the character; unique.' }),
    personality: plainText('Personality', 'How the character speaks and acts.'),
    voice: optional(
      object(
        {
          provider: plainText('Provider', 'The text-to-speech provider of the voice.'),
          voice_id: plainText('Voice id', 'The voice, as the provider names it.'),
          pitch_shift: optional(
            Type.Number({
              title: 'Pitch shift',
              description: 'From -10 to 10; 0 is the default.',
              minimum: -10,
              maximum: 10,
            }),
          ),
          speed_factor: optional(
            Type.Number({
              title: 'Speed factor',
              description: 'From 0.5 to 2.0; 0 is the default.',
              minimum: 0,
              maximum: 2,
            }),
          ),
        },
        { title: 'Voice', description: 'The voice of the character: a map, not a name.' },
      ),
    ),
    engine: optional(
      choice(['cascaded', 's2s', 'sentence_cascade'], {
        title: 'Engine',
        description:
          'How speech is made: text first (`cascaded`, `sentence_cascade`) or speech to speech (`s2s`).',
      }),
    ),
    knowledge_scope: names('Knowledge scope', 'What the character knows of.'),
    tools: names('Tools', 'Tools that the character may use.'),
    budget_tier: optional(
      choice(['fast', 'standard', 'deep'], {
        title: 'Budget tier',
        description: 'How much thought an answer may take.',
      }),
    ),
    cascade_mode: optional(
      choice(['off', 'auto', 'always'], {
        title: 'Cascade mode',
        description: 'When the two-model cascade is used.',
      }),
    ),
    cascade: optional(
      object(
        {
          fast_model: plainText('Fast model', 'Speaks the opening sentence.'),
          strong_model: plainText('Strong model', 'Goes on from there.'),
          opener_instruction: plainText('Opener instruction', 'What the opening sentence should do.'),
        },
        { title: 'Cascade', description: 'The two models of a sentence cascade.' },
      ),
    ),
    relationships: optional(
      list(
        object(
          {
            target_id: plainText('Target id', 'The other character, by id.'),
            target_name: plainText('Target name', 'The other character, by name.'),
            type: plainText('Type', 'What they are to each other.'),
            bidirectional: switched('Bidirectional', 'Whether it holds both ways.'),
          },
          { title: 'Relationship', description: 'How the character stands to another.' },
        ),
        { title: 'Relationships', description: 'How the character stands to others.' },
      ),
    ),
    gm_helper: switched(
      'Game master helper',
      'Whether it helps the game master; at most one character does.',
    ),
    address_only: switched('Address only', 'Whether it speaks only when spoken to.'),
  },
  { title: 'NPC', description: 'A character of the game.' },
);

const mcpServer = object(
  {
    name: text({ title: 'Name', description: 'The name of the server.' }),
    transport: optional(
      choice(['stdio', 'streamable-http'], { title: 'Transport', description: 'How the server is reached.' }),
    ),
    command: optional(
      text({
        title: 'Command',
        description: 'The program to start; needed for stdio.',
        minLength: 0,
        parts: 'argument',
      }),
    ),
    url: optional(
      text({
        title: 'URL',
        description: 'The address; needed for streamable-http.',
        check: 'http-url',
        pattern: httpPattern,
      }),
    ),
    env: optional(
      map(text({ title: 'Value', description: 'The value of the variable.', minLength: 0, secret: true }), {
        title: 'Environment',
        description: 'Environment variables of a stdio server.',
      }),
    ),
    auth: optional(
      object(
        {
          token: secretText('Token', 'A bearer token.'),
          oauth: optional(
            object(
              {
                client_id: secretText('Client id', 'OAuth client id.'),
                client_secret: secretText('Client secret', 'OAuth client secret.'),
                token_url: optional(
                  text({
                    title: 'Token URL',
                    description: 'Where tokens come from.',
                    minLength: 0,
                    parts: 'url',
                  }),
                ),
                scopes: names('Scopes', 'OAuth scopes.'),
              },
              { title: 'OAuth', description: 'OAuth client credentials.' },
            ),
          ),
        },
        { title: 'Authentication', description: 'How to log in to the server.' },
      ),
    ),
  },
  { title: 'MCP server', description: 'An external tool server.' },
);

/** `spec.config`: the program's configuration file. What is left empty in it is not set, as in the program. */
export const appConfig = blankIsUnset(
  object(
    {
      server: optional(
        object(
          {
            listen_addr: plainText(
              'Listen address',
              'Address of the admin API. It must name `gateway.ports.admin`; leave it out.',
            ),
            observe_addr: plainText(
              'Observe address',
              'Address of health and metrics. It must name the observe ports; leave it out.',
            ),
            log_level: optional(
              choice(['debug', 'info', 'warn', 'error'], {
                title: 'Log level',
                description: 'How much is logged.',
              }),
            ),
            tls: optional(
              object(
                {
                  cert_file: plainText('Certificate file', 'Path of the certificate.'),
                  key_file: plainText('Key file', 'Path of the private key.'),
                },
                { title: 'TLS', description: 'Certificate of the admin API.' },
              ),
            ),
          },
          { title: 'Server', description: 'Addresses and logging.' },
        ),
      ),
      providers: optional(
        object(
          {
            llm: provider('llm'),
            stt: provider('stt'),
            tts: provider('tts'),
            s2s: provider('s2s'),
            embeddings: provider('embeddings'),
            vad: provider('vad'),
            audio: provider('audio'),
          },
          { title: 'Providers', description: 'The parts of the voice pipeline.' },
        ),
      ),
      npcs: optional(list(npc, { title: 'NPCs', description: 'The characters of the game.' })),
      memory: optional(
        object(
          {
            postgres_dsn: secretText(
              'PostgreSQL DSN',
              'Read by nothing here; `database.dsn` is what the program needs.',
            ),
            embedding_dimensions: optional(
              Type.Integer({
                title: 'Embedding dimensions',
                description:
                  'Must match the embeddings model: text-embedding-3-small 1536, -large 3072, nomic-embed-text 768.',
                minimum: 0,
              }),
            ),
          },
          { title: 'Memory', description: 'Long-term memory.' },
        ),
      ),
      mcp: optional(
        object(
          { servers: optional(list(mcpServer, { title: 'Servers', description: 'External tool servers.' })) },
          { title: 'MCP', description: 'Tools over the Model Context Protocol.' },
        ),
      ),
      campaign: optional(
        object(
          {
            name: plainText('Name', 'The name of the campaign.'),
            system: plainText('System', 'The rules it is played by.'),
            entity_files: names('Entity files', 'Files with the entities of the campaign.'),
            vtt_imports: optional(
              list(
                object(
                  {
                    path: plainText('Path', 'The exported file.'),
                    format: optional(
                      choice(['foundry', 'roll20'], {
                        title: 'Format',
                        description: 'The virtual tabletop it comes from.',
                      }),
                    ),
                  },
                  { title: 'Import', description: 'An export of a virtual tabletop.' },
                ),
                { title: 'Virtual tabletop imports', description: 'Exports of virtual tabletops.' },
              ),
            ),
          },
          { title: 'Campaign', description: 'The game that is played.' },
        ),
      ),
      transcript: optional(
        object(
          { llm_correction: switched('Correction', 'Whether a language model corrects the transcript.') },
          { title: 'Transcript', description: 'The transcript of a session.' },
        ),
      ),
    },
    {
      title: 'Configuration file',
      description: 'The configuration file of the program, verbatim: snake case, unknown keys refused.',
      default: {},
    },
  ),
);
