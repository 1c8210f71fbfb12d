/** Which program an image holds: this deploys the first generation of Glyphoxa, and its repository has two. */
import type { Severity } from '../model/finding.ts';
import { quote } from '../model/quote.ts';

/** The repository of the program itself; a mirror may use the tags that it likes. */
const upstream = 'ghcr.io/mrwong99/glyphoxa';

/** An image in its parts, as the configuration has it. */
interface Image {
  readonly repository: string;
  readonly tag?: string;
  readonly digest?: string;
}

/** Why an image most likely does not hold the program that is deployed, and what to do. */
export interface OtherProgram {
  readonly severity: Severity;
  readonly message: string;
  readonly hint: string;
}

/**
 * Looks at the tag of an image in the program's own repository. `latest` and versions from 0.2 on are the second
 * generation, which exits on the flags of the first. A digest beside the tag, or another repository, says that somebody
 * knows what the image is.
 */
export function otherProgram(image: Image): OtherProgram | undefined {
  const { repository, tag, digest } = image;
  if (repository !== upstream || tag === undefined || digest !== undefined) return undefined;
  const hint =
    'name an image of the first generation; if you know that this is one, pin its digest or copy it to a registry of yours';
  const doubt = doubtOf(tag);
  if (doubt !== undefined) return { severity: 'warning', message: doubt, hint };
  if (tag !== 'latest' && !/^v?(?:0\.(?:[2-9]|\d\d)|[1-9]\d?(?:\.|$))/.test(tag)) return undefined;
  const message = `${quote(tag)} is the second generation of Glyphoxa, which exits on the flags of this deployment`;
  return { severity: 'error', message, hint };
}

/** Why a tag of the program's own repository most likely starts nothing, or another program than it once did. */
function doubtOf(tag: string): string | undefined {
  if (/^v?0(?:$|\.[01](?:\.|$))/.test(tag))
    return `${quote(tag)} is no version that this deployment runs: the first generation of Glyphoxa was never released`;
  return tag === 'main' ? 'the tag main has moved on to the second generation of Glyphoxa' : undefined;
}
