/** The offered encoding that the client likes best, by its q-values; of equals the first. Undefined: send it as it is. */
export function bestEncoding<Encoding extends string>(
  header: string | null,
  offered: Encoding[],
): Encoding | undefined {
  const weights = weightsOf(header ?? "");
  const weightOf = (encoding: string) => weights.get(encoding) ?? weights.get("*") ?? 0;
  const [best] = offered.filter((one) => weightOf(one) > 0).sort((a, b) => weightOf(b) - weightOf(a));
  return best && weightOf(best) >= (weights.get("identity") ?? 0) ? best : undefined;
}

/** `br;q=0.9, gzip` as a map; what cannot be read counts as not wanted. */
function weightsOf(header: string): Map<string, number> {
  return new Map(
    header.split(",").map((part) => {
      const [name = "", ...parameters] = part.split(";").map((word) => word.trim().toLowerCase());
      const q = parameters.find((parameter) => parameter.startsWith("q="))?.slice(2);
      return [name, q === undefined ? 1 : Number(q) || 0];
    }),
  );
}
