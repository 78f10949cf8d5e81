/** The build that answers with a web stream on every runtime; it ships without types of its own. */
declare module "react-dom/server.browser" {
  export * from "react-dom/server";
}
