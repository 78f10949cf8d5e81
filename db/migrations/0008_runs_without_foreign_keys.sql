ALTER TABLE "task_runs" DROP CONSTRAINT "task_runs_task_id_tasks_id_fk";
--> statement-breakpoint
ALTER TABLE "task_runs" DROP CONSTRAINT "task_runs_agent_id_agents_id_fk";
--> statement-breakpoint
ALTER TABLE "tasks" DROP CONSTRAINT "tasks_agent_id_agents_id_fk";
