import { existsSync } from "node:fs";

/** Installs a Debian package where that is possible (root on Debian); elsewhere it says what to install by hand. */
export async function aptInstall(name: string): Promise<void> {
  if (process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get")) {
    throw new Error(`${name} is needed and cannot be installed from here: install it and run again`);
  }
  console.log(`  installing ${name}`);
  await Bun.$`apt-get update`.quiet();
  await Bun.$`DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends ${name}`.quiet();
}
