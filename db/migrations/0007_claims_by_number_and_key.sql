DROP INDEX "idx_tasks_claim";--> statement-breakpoint
ALTER TABLE "task_runs" ADD COLUMN "claim_key" text;--> statement-breakpoint
ALTER TABLE "task_runs" ADD COLUMN "revision" integer DEFAULT 1 NOT NULL;--> statement-breakpoint
CREATE INDEX "idx_tasks_claim" ON "tasks" USING btree ("queue_rank",coalesce("due_date", 'infinity'::date),"number") WHERE "tasks"."status" = 'pending' and "tasks"."ready";