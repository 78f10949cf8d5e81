import { createContext, useContext } from "react";

/** The response's CSP nonce. The browser hides it from markup, so there it reads as the empty string. */
const NonceContext = createContext("");

export const NonceProvider = NonceContext.Provider;
export const useNonce = () => useContext(NonceContext);

/** In the browser, for style elements made after hydration: scripts keep their nonce as a property. */
export const nonceOfPage = () => document.querySelector<HTMLScriptElement>("script[nonce]")?.nonce ?? "";
