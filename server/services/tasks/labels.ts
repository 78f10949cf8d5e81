/** How the audit log names things after they are gone. */
export const taskLabel = (task: { number: number; name: string }) => `T-${task.number} ${task.name}`;
export const workflowLabel = (workflow: { number: number; name: string }) => `W-${workflow.number} ${workflow.name}`;
