/** Bun's argon2id with its recommended cost. */
export const hashPassword = (password: string) => Bun.password.hash(password, "argon2id");
export const verifyPassword = ({ hash, password }: { hash: string; password: string }) =>
  Bun.password.verify(password, hash);

const shortest = 10;
const longest = 200;

/** Roots of the passwords that are tried first; digits and signs around them do not help. */
const guessed = new Set(
  (
    "password passwort passw0rd letmein welcome admin administrator qwerty qwertyuiop qwertz azerty iloveyou monkey dragon " +
    "football baseball sunshine princess superman batman master shadow michael trustno changeme secret default login " +
    "abc abcdef abcdefgh abcdefghij asdf asdfgh asdfghjkl zxcvbnm test testtest root toor user guest workflow workflowfactory"
  ).split(" "),
);

/** What is wrong with a new password, in words for the person who chose it; undefined when it will do. */
export function passwordProblem(password: string, owner: { name?: string; email?: string } = {}): string | undefined {
  if (password.length < shortest) return `Choose a password of at least ${shortest} characters.`;
  if (password.length > longest) return `Keep the password to ${longest} characters.`;
  if (new Set(password).size < 4) return "Use more different characters.";
  const root = password.toLowerCase().replace(/[^a-z]/g, "");
  const isCounting = root === "" && "01234567890123456789 98765432109876543210".includes(password);
  if (guessed.has(root) || isCounting) return "This password is among the first that are guessed. Choose another.";
  const own = [owner.name, owner.email, owner.email?.split("@")[0]].map((word) => word?.toLowerCase());
  if (own.includes(password.toLowerCase())) return "Choose a password that is not your name or address.";
  return undefined;
}
