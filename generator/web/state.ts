/** What the page shows, as it is sent to it: everything of one place of a session. Nothing of it is secret. */
import type { Value } from '../editor/values.ts';
import type { Json } from '../model/json.ts';

/** A finding, in short. */
export interface PageFinding {
  readonly severity: 'error' | 'warning';
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  readonly details?: readonly string[];
  /** The value that it is about, as people write it; empty for a whole file. */
  readonly name: string;
  /** `glyphoxa.yaml:3:1`, where that is known. */
  readonly where?: string;
  /** The section of the form that has the value, and the value in it. */
  readonly section?: string;
  readonly value?: string;
  /** The environments that it came from. */
  readonly environments: readonly string[];
}

/** A value of the form. */
export interface PageValue
  extends Pick<
    Value,
    'widget' | 'type' | 'bounds' | 'choices' | 'examples' | 'default' | 'value' | 'origin' | 'secret' | 'note'
  > {
  /** The path as people write it, without `spec`. */
  readonly name: string;
  readonly section: string;
  readonly title: string;
  readonly description: string;
  /** Of lists, maps and free-form values: the value as YAML, to be edited as such. */
  readonly yaml?: string;
  /** Whether a part of the value is a secret text and so hidden: it cannot be edited here as a whole. */
  readonly isMasked: boolean;
  /** Whether it may be left out. */
  readonly optional: boolean;
  /** Of an environment: what all share, where that differs; empty where it is not set there. */
  readonly shared?: string;
}

/** A part that can be switched. */
export interface PagePart {
  readonly section: string;
  readonly title: string;
  readonly isOn: boolean;
  /** The objects that it brings. */
  readonly brings: readonly string[];
  /** What has to be set where it is on. */
  readonly needs: readonly PageFinding[];
}

/** A section of the form. */
export interface PageSection {
  readonly name: string;
  readonly title: string;
  readonly description: string;
}

/** An object that changes. */
export interface PageObject {
  /** The environments that have this very change. */
  readonly environments: readonly string[];
  readonly object: string;
  readonly what: 'added' | 'removed' | 'changed';
  readonly fields: readonly { readonly name: string; readonly before?: string; readonly after?: string }[];
}

/** The whole state of the page. */
export interface PageState {
  /** Counts the changes of the session, whoever made them. */
  readonly version: number;
  readonly release: string;
  readonly folder: string;
  readonly environments: readonly string[];
  /** The environment that is shown; absent for the resource. */
  readonly place?: string;
  readonly file: string;
  readonly sections: readonly PageSection[];
  readonly values: readonly PageValue[];
  readonly parts: readonly PagePart[];
  readonly findings: readonly PageFinding[];
  /** The text of the file, where it cannot be read and has to be mended as a text. */
  readonly text?: string;
  readonly isChanged: boolean;
  readonly canUndo: boolean;
  readonly canRedo: boolean;
  readonly texts: readonly { readonly file: string; readonly diff: string }[];
  readonly objects: readonly PageObject[];
  /** What was changed on disk meanwhile, at the same place as here. */
  readonly conflicts: readonly PageFinding[];
  /** The picture of the deployment, where the configuration has no errors. */
  readonly picture?: string;
}

/** What the page asks for. A value is a text as a person typed it. */
export type PageAction =
  | { readonly what: 'set'; readonly name: string; readonly text: string; readonly was?: Json }
  | { readonly what: 'unset'; readonly name: string; readonly was?: Json }
  | { readonly what: 'toggle'; readonly section: string; readonly on: boolean }
  | { readonly what: 'secret'; readonly name: string; readonly text: string }
  | { readonly what: 'rewrite'; readonly text: string }
  | { readonly what: 'undo' | 'redo' }
  | { readonly what: 'resolve'; readonly keep: 'ours' | 'theirs' }
  | { readonly what: 'save'; readonly force?: boolean };

/** The answer to an action: the state after it, and what is to be told. */
export interface PageAnswer {
  readonly state: PageState;
  /** What was done, in words. */
  readonly done?: string;
  /** Why it was not done. */
  readonly refused?: readonly PageFinding[];
  /** The place that the page is to show now, where an undone step was in another one. */
  readonly place?: string;
}
