import type { YAMLError } from 'yaml';

/** What is wrong in words of our own: the library's may quote the text, and the text may be a secret. */
export function plainMessage(error: YAMLError): [code: string, message: string, hint: string] {
  switch (error.code) {
    case 'TAB_AS_INDENT':
      return ['syntax', 'a tab is used as indentation', 'indent with spaces'];
    case 'BAD_INDENT':
      return ['syntax', 'the indentation does not fit', 'align it with its neighbours'];
    case 'MISSING_CHAR':
      return ['syntax', 'a closing quote or bracket, a colon or a comma is missing', 'complete the value'];
    case 'BAD_ALIAS':
      return ['anchor', 'an alias that cannot be resolved', 'write the value out'];
    case 'NON_STRING_KEY':
      return ['syntax', 'a key that is no string', 'put the key in double quotes'];
    case 'MULTILINE_IMPLICIT_KEY':
      return ['syntax', 'a key that spans several lines', 'check the indentation, or put a missing colon'];
    case 'BAD_DQ_ESCAPE':
      return ['syntax', 'an unknown escape in a double-quoted string', 'write a backslash as \\\\'];
    case 'TAG_RESOLVE_FAILED':
      return ['tag', 'a YAML tag that is not allowed here', 'remove the tag'];
    case 'RESOURCE_EXHAUSTION':
      return ['too-deep', 'the document is too large or too deep', 'flatten the value'];
    default:
      return [
        'syntax',
        `this is no valid YAML (${error.code.toLowerCase().replaceAll('_', ' ')})`,
        'check quotes, colons and indentation',
      ];
  }
}
