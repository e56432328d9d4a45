/* The chat itself, loaded when it is first opened or when an answer may be waiting. */
export { start } from "../widget/start";
