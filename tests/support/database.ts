import postgres from "postgres";

/** A database of its own on this server, the tests' by default; dropped by `drop`. */
export async function ownDatabase(
  server = process.env.TEST_DATABASE_URL,
): Promise<{ url: string; drop(): Promise<void> }> {
  if (!server) throw new Error("TEST_DATABASE_URL names the Postgres to test on; `bun run check` sets it");
  const admin = postgres(server, { max: 1, onnotice: () => {} });
  const name = `wf_test_${crypto.randomUUID().replaceAll("-", "")}`;
  await admin.unsafe(`create database ${name}`);
  return {
    url: Object.assign(new URL(server), { pathname: `/${name}` }).href,
    drop: async () => {
      await admin.unsafe(`drop database if exists ${name} with (force)`);
      await admin.end();
    },
  };
}
