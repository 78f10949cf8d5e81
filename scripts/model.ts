import { parseArgs } from "node:util";
import { testHost } from "../server/services/testing.ts";
import { slowBackOffs } from "../tests/queue/history.ts";
import { type Mutant, mutants } from "../tests/queue/mutants.ts";
import { explore } from "../tests/queue/play.ts";
import { tryMutants } from "./model/try-mutants.ts";

const usage = `bun run model [--seconds 60] [--seed 1] [--as-found]   (TEST_DATABASE_URL for a real Postgres)
       bun run model --mutants | --mutant "<name>" [--seconds 240] [--seed 1]
Mutants: ${Object.keys(mutants).join("; ")}`;

const { seconds, seed, asFound, tried } = readOptions();
if (tried) {
  console.log(`Playing against ${Object.keys(tried).length} mutants, each for up to ${seconds} s, seed ${seed}`);
  process.exitCode = (await tryMutants(tried, { seconds, seed })) ? 0 : 1;
} else {
  await playAgainstTheTree();
}

async function playAgainstTheTree(): Promise<void> {
  console.log(`Playing random histories for ${seconds} s, seed ${seed}`);
  const host = await testHost();
  await slowBackOffs(host);
  try {
    console.log(`${await explore(host, { seconds, seed, asFound })} histories, all as the model has them`);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
  await host.close();
}

interface Options {
  seconds: number;
  seed: number;
  /** A failure is printed as it was found, without a search for a shorter history. */
  asFound: boolean;
  tried: Record<string, Mutant> | undefined;
}

function readOptions(): Options {
  try {
    const text = { type: "string" } as const;
    const flag = { type: "boolean", default: false } as const;
    const { values } = parseArgs({
      options: { seconds: text, seed: text, mutant: text, mutants: flag, "as-found": flag },
    });
    const tried = mutantsOf(values);
    const seconds = Number(values.seconds ?? (tried ? 240 : 60));
    const seed = Number(values.seed ?? (tried ? 1 : Date.now() % 2 ** 31));
    if (!(seconds > 0)) throw new TypeError("--seconds must be a number above 0.");
    if (!Number.isInteger(seed)) throw new TypeError("--seed must be a whole number.");
    return { seconds, seed, asFound: values["as-found"], tried };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\nUsage: ${usage}`);
    return process.exit(1);
  }
}

function mutantsOf({ mutant, mutants: isEach }: { mutant?: string; mutants: boolean }): Options["tried"] {
  if (isEach) return mutants;
  if (mutant === undefined) return undefined;
  const one = mutants[mutant];
  if (!one) throw new TypeError(`There is no mutant "${mutant}".`);
  return { [mutant]: one };
}
