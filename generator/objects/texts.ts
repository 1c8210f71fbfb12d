import type { Config } from '../config/schema/resource.ts';
import { appFile } from './app-file.ts';
import { jobTemplate } from './worker.ts';

/** The texts that pods read only at start. Several objects depend on them; they are made once. */
export interface Texts {
  /** The worker Job template. */
  readonly jobTemplate: string;
  /** The annotation that rolls pods when the configuration file changes. */
  readonly configChecksum: { readonly [annotation: string]: string };
  /**
   * The annotation that rolls the gateway when the Job template changes, which it reads only at start. The
   * image is left out: a new one rolls the gateway anyway, and image updaters know nothing of checksums.
   */
  readonly jobTemplateChecksum: { readonly [annotation: string]: string };
}

/** The texts of a deployment. */
export function textsOf(config: Config): Texts {
  const { text, fingerprint } = jobTemplate(config);
  return {
    jobTemplate: text,
    configChecksum: appFile(config).checksum,
    jobTemplateChecksum: { 'checksum/job-template': fingerprint },
  };
}
