/**
 * The page's own files. The build puts the bundle of client/ in the place of these texts (scripts/web-assets.ts), so that
 * they are in every form of the program; from the sources alone there is no page.
 */

/** The script. */
export const script: string = '';

/** The style sheet. */
export const style: string = '';
