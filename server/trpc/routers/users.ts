import { disableUser, enableUser } from "../../services/users/disable.ts";
import { inviteInput, inviteUser, linkInput, newLink } from "../../services/users/invite.ts";
import { listUsers } from "../../services/users/list.ts";
import { setRole, setRoleInput } from "../../services/users/set-role.ts";
import { forAdmins, router } from "../trpc.ts";

export const usersRouter = router({
  list: forAdmins.query(({ ctx }) => listUsers(ctx)),
  invite: forAdmins.input(inviteInput).mutation(({ ctx, input }) => inviteUser(ctx, input)),
  newLink: forAdmins.input(linkInput).mutation(({ ctx, input }) => newLink(ctx, input)),
  setRole: forAdmins.input(setRoleInput).mutation(({ ctx, input }) => setRole(ctx, input)),
  disable: forAdmins.input(linkInput).mutation(({ ctx, input }) => disableUser(ctx, input)),
  enable: forAdmins.input(linkInput).mutation(({ ctx, input }) => enableUser(ctx, input)),
});
