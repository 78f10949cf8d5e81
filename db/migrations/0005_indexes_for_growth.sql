-- Part of every Postgres distribution, and trusted: the owner of the database may create it.
CREATE EXTENSION IF NOT EXISTS pg_trgm;--> statement-breakpoint
CREATE TABLE "agent_tallies" (
	"agent_id" uuid PRIMARY KEY NOT NULL,
	"succeeded" integer NOT NULL,
	"failed" integer NOT NULL
);
--> statement-breakpoint
DROP INDEX "idx_workflows_created_at";--> statement-breakpoint
DROP INDEX "idx_audit_logs_task_id";--> statement-breakpoint
DROP INDEX "idx_suggestions_agent_id";--> statement-breakpoint
DROP INDEX "idx_task_runs_agent_id";--> statement-breakpoint
DROP INDEX "idx_tasks_workflow_id";--> statement-breakpoint
DROP INDEX "idx_tasks_agent_id";--> statement-breakpoint
ALTER TABLE "agent_tallies" ADD CONSTRAINT "agent_tallies_agent_id_agents_id_fk" FOREIGN KEY ("agent_id") REFERENCES "public"."agents"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "idx_audit_logs_workflow_id" ON "audit_logs" USING btree ("workflow_id","seq");--> statement-breakpoint
CREATE INDEX "idx_audit_logs_action" ON "audit_logs" USING btree ("action","seq") WHERE "audit_logs"."action" not in ('created', 'claimed', 'completed');--> statement-breakpoint
CREATE INDEX "idx_audit_seals_created_at" ON "audit_seals" USING btree ("created_at");--> statement-breakpoint
CREATE INDEX "idx_idempotency_keys_created_at" ON "idempotency_keys" USING btree ("created_at");--> statement-breakpoint
CREATE INDEX "idx_suggestions_workflow_id" ON "suggestions" USING btree ("workflow_id","id");--> statement-breakpoint
CREATE INDEX "idx_task_runs_ended_at" ON "task_runs" USING btree ("ended_at","agent_id","outcome") WHERE "task_runs"."ended_at" is not null;--> statement-breakpoint
CREATE INDEX "idx_tasks_assigned_agent_id" ON "tasks" USING btree ("assigned_agent_id") WHERE "tasks"."assigned_agent_id" is not null;--> statement-breakpoint
CREATE INDEX "idx_tasks_priority" ON "tasks" USING btree ("status","priority","number");--> statement-breakpoint
CREATE INDEX "idx_tasks_updated_at" ON "tasks" USING btree ("status","updated_at","number");--> statement-breakpoint
CREATE INDEX "idx_tasks_due_date" ON "tasks" USING btree ("status","due_date","number") WHERE "tasks"."due_date" is not null;--> statement-breakpoint
CREATE INDEX "idx_tasks_labels" ON "tasks" USING gin ("labels") WHERE cardinality("tasks"."labels") > 0;--> statement-breakpoint
CREATE INDEX "idx_tasks_completed_at" ON "tasks" USING btree ("completed_at") WHERE "tasks"."completed_at" is not null;--> statement-breakpoint
CREATE INDEX "idx_tasks_deleted" ON "tasks" USING btree ("updated_at") WHERE "tasks"."deleted_at" is not null;--> statement-breakpoint
CREATE INDEX "idx_tasks_finished_name" ON "tasks" USING gin ("name" gin_trgm_ops) WHERE "tasks"."status" not in ('pending', 'in_progress');--> statement-breakpoint
CREATE INDEX "idx_workflows_updated_at" ON "workflows" USING btree ("updated_at","id");--> statement-breakpoint
CREATE INDEX "idx_workflows_name" ON "workflows" USING btree (lower("name"),"id");--> statement-breakpoint
CREATE INDEX "idx_workflows_progress" ON "workflows" USING btree (coalesce("progress", -1),"id");--> statement-breakpoint
CREATE INDEX "idx_audit_logs_task_id" ON "audit_logs" USING btree ("task_id","seq") WHERE "audit_logs"."entity_type" <> 'task';--> statement-breakpoint
CREATE INDEX "idx_suggestions_agent_id" ON "suggestions" USING btree ("agent_id","action","decided_by_type","status");--> statement-breakpoint
CREATE INDEX "idx_task_runs_agent_id" ON "task_runs" USING btree ("agent_id","id");--> statement-breakpoint
CREATE INDEX "idx_tasks_workflow_id" ON "tasks" USING btree ("workflow_id","status","position") WHERE "tasks"."deleted_at" is null;--> statement-breakpoint
CREATE INDEX "idx_tasks_agent_id" ON "tasks" USING btree ("agent_id","status") WHERE "tasks"."agent_id" is not null;