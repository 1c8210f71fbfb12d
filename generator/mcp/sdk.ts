/** What is used of the protocol's SDK, as one module: it is built apart, and loaded by the command that needs it. */
export type {
  CallToolResult,
  InputRequiredResult,
  JsonSchemaType,
  ServerContext,
} from '@modelcontextprotocol/server';
export {
  acceptedContent,
  CLIENT_CAPABILITIES_META_KEY,
  createRequestStateCodec,
  fromJsonSchema,
  inputRequired,
  inputResponse,
  McpServer,
  ResourceNotFoundError,
  ResourceTemplate,
} from '@modelcontextprotocol/server';
export { StdioServerTransport, serveStdio } from '@modelcontextprotocol/server/stdio';
