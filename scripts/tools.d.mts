/** The path of a tool of the pinned version, which is got first if need be; throws if it cannot be had. */
export function ensureTool(name: string): Promise<string>;
