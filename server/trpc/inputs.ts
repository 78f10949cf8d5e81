export * from "../services/inputs.ts";
