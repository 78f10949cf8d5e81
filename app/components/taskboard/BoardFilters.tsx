import { Form, Link } from "@remix-run/react";
import { Button } from "~/components/shared/Button.tsx";
import { InlineSelect } from "~/components/shared/Field.tsx";
import type { Board } from "~/lib/api-types.ts";
import type { BoardFilters as Filters } from "~/lib/board.ts";
import { sentence } from "~/lib/format.ts";
import { paths } from "~/paths.ts";
import { priorities } from "../../../db/enums.ts";

const dues = { overdue: "Overdue", today: "Today", week: "This week" };

/** A plain GET form: what is filtered is in the address, and can be kept or sent. */
export function BoardFilters({ board, filters }: { board: Board; filters: Filters }) {
  const set = [filters.workflowId, filters.agentId, filters.priority, filters.due, filters.label].filter(
    Boolean,
  ).length;
  const isAny = set > 0 || Boolean(filters.search);
  return (
    <Form method="get" role="search" aria-label="Filter tasks" className="mt-3 flex flex-wrap items-center gap-2">
      <label htmlFor="find-task" className="sr-only">
        Find a task
      </label>
      <input
        id="find-task"
        type="search"
        name="search"
        defaultValue={filters.search}
        placeholder="Find a task"
        className="h-8 w-44 rounded-md border border-edge bg-surface px-2.5 text-sm max-md:flex-1 touch:h-11 touch:text-lg"
      />
      <details className="filters group max-md:order-last max-md:w-full">
        <summary className="inline-flex min-h-8 items-center text-sm text-muted hover:text-text touch:min-h-11">
          Filters{set > 0 ? ` (${set} set)` : ""}
        </summary>
        <div className="flex flex-wrap gap-2">
          <InlineSelect
            label="Workflow"
            name="workflowId"
            defaultValue={filters.workflowId ?? ""}
            key={`w${filters.workflowId}`}
          >
            <option value="">All</option>
            {board.workflows.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </InlineSelect>
          <InlineSelect label="Agent" name="agentId" defaultValue={filters.agentId ?? ""} key={`a${filters.agentId}`}>
            <option value="">Any</option>
            {board.agents.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </InlineSelect>
          <InlineSelect
            label="Priority"
            name="priority"
            defaultValue={filters.priority ?? ""}
            key={`p${filters.priority}`}
          >
            <option value="">Any</option>
            {priorities.map((priority) => (
              <option key={priority} value={priority}>
                {sentence(priority)}
              </option>
            ))}
          </InlineSelect>
          <InlineSelect label="Due" name="due" defaultValue={filters.due ?? ""} key={`d${filters.due}`}>
            <option value="">Any day</option>
            {Object.entries(dues).map(([value, word]) => (
              <option key={value} value={value}>
                {word}
              </option>
            ))}
          </InlineSelect>
        </div>
      </details>
      <Button>Filter</Button>
      {isAny ? (
        <Link to={paths.tasks()} className="inline-flex min-h-8 items-center px-1 text-sm text-muted hover:text-text">
          Clear
        </Link>
      ) : null}
      <Link to={paths.taskBin()} className="inline-flex min-h-8 items-center px-1 text-sm text-muted hover:text-text">
        Bin
      </Link>
    </Form>
  );
}
