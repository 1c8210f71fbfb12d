/** The first character of a text that YAML or the tools that read it do not keep: `U+0085`, and where it stands. */
export function unkeptCharacter(text: string): { readonly name: string; readonly index: number } | undefined {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  const found = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u2028\u2029\ufffe\uffff]/.exec(text);
  if (found === null) return undefined;
  const code = found[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
  return { name: `U+${code}`, index: found.index };
}
