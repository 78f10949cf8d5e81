ALTER TABLE "comments" ADD COLUMN "delivered_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "suggestions" ADD COLUMN "seen_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "task_runs" ADD COLUMN "stop_delivered_at" timestamp (3) with time zone;--> statement-breakpoint
CREATE INDEX "idx_suggestions_unseen" ON "suggestions" USING btree ("agent_id","id") WHERE "suggestions"."decided_at" is not null and "suggestions"."seen_at" is null;--> statement-breakpoint
UPDATE "suggestions" SET "seen_at" = "delivered_at";--> statement-breakpoint
UPDATE "comments" SET "delivered_at" = "seen_at";
