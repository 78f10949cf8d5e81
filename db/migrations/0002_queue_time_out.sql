ALTER TABLE "tasks" ADD COLUMN "queue_ttl_seconds" integer;--> statement-breakpoint
ALTER TABLE "tasks" ADD COLUMN "queue_expires_at" timestamp (3) with time zone;--> statement-breakpoint
CREATE INDEX "idx_tasks_queue_expires_at" ON "tasks" USING btree ("queue_expires_at") WHERE "tasks"."status" = 'pending' and "tasks"."ready" and "tasks"."queue_expires_at" is not null;