FROM oven/bun:1.4.4 AS build
WORKDIR /srv
COPY package.json bun.lock ./
RUN bun install --frozen-lockfile
COPY . .
# An install for production leaves what is there already, so it starts from nothing.
RUN bun run build && rm -rf node_modules && bun install --frozen-lockfile --production

# Caddy with the assets of this very build: never older than the pages that name them.
FROM caddy:2 AS caddy
COPY --from=build /srv/build/client /srv/build/client
COPY Caddyfile /etc/caddy/Caddyfile

FROM oven/bun:1.4.4-slim AS app
WORKDIR /srv
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000 DATA_DIR=/data
RUN mkdir /data && chown bun:bun /data
COPY --from=build --chown=bun:bun /srv /srv
USER bun
VOLUME /data
EXPOSE 3000
HEALTHCHECK --interval=5s --timeout=3s --start-period=30s --retries=3 \
  CMD ["bun", "-e", "const r = await fetch('http://127.0.0.1:3000/readyz'); process.exit(r.ok ? 0 : 1)"]
STOPSIGNAL SIGTERM
CMD ["bun", "server/index.ts"]
