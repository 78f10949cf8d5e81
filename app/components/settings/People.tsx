import { Form } from "@remix-run/react";
import { ActionForm } from "~/components/shared/ActionForm.tsx";
import { Actor } from "~/components/shared/Actor.tsx";
import { Badge } from "~/components/shared/Badge.tsx";
import { Button } from "~/components/shared/Button.tsx";
import { Table, Td, Th } from "~/components/shared/Table.tsx";
import type { User } from "~/lib/api-types.ts";
import { sentence } from "~/lib/format.ts";
import { paths } from "~/paths.ts";
import { roles } from "../../../db/enums.ts";

export function People({ users, me }: { users: User[]; me: string }) {
  return (
    <Table
      label="People"
      head={
        <>
          <Th>Name</Th>
          <Th>Email</Th>
          <Th>State</Th>
          <Th>Role</Th>
          <Th>Do</Th>
        </>
      }
    >
      {users.map((user) => (
        <tr key={user.id}>
          <Td>
            <Actor type="person" name={user.name} />
            {user.id === me ? <span className="text-muted"> (you)</span> : null}
          </Td>
          <Td className="min-w-40 break-words text-muted">{user.email}</Td>
          <Td>
            {user.disabledAt ? (
              <Badge>disabled</Badge>
            ) : user.isInvited ? (
              <Badge tone="waiting">invited</Badge>
            ) : (
              "active"
            )}
          </Td>
          <Td>
            <ActionForm key={user.role} action={paths.userAction(user.id, "role")} word="Set" pendingWord="Setting…">
              <label className="sr-only" htmlFor={`role-${user.id}`}>
                Role of {user.name}
              </label>
              <select
                id={`role-${user.id}`}
                name="role"
                defaultValue={user.role}
                className="h-8 rounded-md border border-edge bg-surface px-2 text-sm touch:h-11"
              >
                {roles.map((role) => (
                  <option key={role} value={role}>
                    {sentence(role)}
                  </option>
                ))}
              </select>
            </ActionForm>
          </Td>
          <Td>
            <div className="flex flex-wrap gap-2">
              <Form method="post" reloadDocument action={paths.userAction(user.id, "link")}>
                <Button>
                  New link<span className="sr-only"> for {user.name}</span>
                </Button>
              </Form>
              {user.disabledAt ? (
                <ActionForm action={paths.userAction(user.id, "enable")} word="Enable" pendingWord="Enabling…" />
              ) : (
                <ActionForm
                  action={paths.userAction(user.id, "disable")}
                  word="Disable"
                  pendingWord="Disabling…"
                  kind="danger"
                />
              )}
            </div>
          </Td>
        </tr>
      ))}
    </Table>
  );
}
