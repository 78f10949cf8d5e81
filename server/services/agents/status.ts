/** An agent's status derived at this moment, as SQL over `a` (agents) and its number of live runs. */
export const derivedStatus = (offlineSeconds: string, liveRuns: string) => `case
  when a.archived_at is not null or a.last_seen is null or a.last_seen < now() - make_interval(secs => ${offlineSeconds})
    then 'offline'
  when ${liveRuns} >= a.max_concurrent then 'busy'
  else 'online' end`;
