/** The terminal's two ways, together in one module, so that a command loads them at once. */
export { runTerminal } from './app.ts';
export { runPlain } from './plain.ts';
export { openScreen } from './screen.ts';
