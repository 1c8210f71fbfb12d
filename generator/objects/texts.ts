import type { Config } from '../config/schema/resource.ts';
import { fingerprint } from '../model/fingerprint.ts';
import { appConfigIn, appConfigText } from './config.ts';
import { jobTemplateText, setTemplateImage } from './worker.ts';

/** The files that pods read only at start, as text. Several objects depend on them; they are made once. */
export interface Texts {
  /** The program's configuration file. */
  readonly config: string;
  /** The worker Job template. */
  readonly jobTemplate: string;
  /**
   * The annotation that rolls pods when the configuration file changes. None where the file is a Secret: a
   * hash of a secret could be guessed from, so such a file is rolled by a restart.
   */
  readonly configChecksum: { readonly [annotation: string]: string };
  /**
   * The annotation that rolls the gateway when the Job template changes, which it reads only at start. The
   * image is left out: a new one rolls the gateway anyway, and image updaters know nothing of checksums.
   */
  readonly jobTemplateChecksum: { readonly [annotation: string]: string };
}

/** The files of a deployment. */
export function textsOf(config: Config): Texts {
  const file = appConfigText(config);
  const jobTemplate = jobTemplateText(config);
  return {
    config: file,
    jobTemplate,
    configChecksum: appConfigIn(config) === 'config-map' ? { 'checksum/config': fingerprint(file) } : {},
    jobTemplateChecksum: { 'checksum/job-template': fingerprint(setTemplateImage(jobTemplate)) },
  };
}
