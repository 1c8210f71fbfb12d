/** The kinds of values of the program's configuration file. */

import Type from 'typebox';
import { flag, integer, list, optional, text } from './build.ts';

export const plainText = (title: string, description: string) =>
  optional(text({ title, description, minLength: 0 }));
export const secretText = (title: string, description: string) =>
  optional(text({ title, description, minLength: 0, secret: true }));
export const switched = (title: string, description: string) => optional(flag({ title, description }));
export const names = (title: string, description: string) =>
  optional(list(text({ title: 'Item', description, minLength: 0 }), { title, description }));

export const count = (title: string, description: string) =>
  optional(integer({ title, description, minimum: 0 }));
export const share = (title: string, description: string) =>
  optional(Type.Number({ title, description, minimum: 0, maximum: 1 }));
