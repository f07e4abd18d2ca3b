# The signaling server with the demo site. Build it from the repository root:
#   docker build --tag skein .

# Debian, because the Node that the repository pins is built for glibc.
FROM node:24.21-bookworm-slim AS build
ENV CI=true
WORKDIR /skein
COPY . .
# `deploy` copies the files that the package publishes, and its dependencies from the lockfile.
RUN npx -y pnpm@12.21.0 install --frozen-lockfile --filter '@skein/signal...' --filter '@skein/web...' --filter skein \
  && npx -y pnpm@12.21.0 build --filter=@skein/signal --filter=@skein/web \
  && npx -y pnpm@12.21.0 --filter @skein/signal run prepack \
  && npx -y pnpm@12.21.0 --filter @skein/signal deploy --prod --legacy /app

FROM node:24.21-alpine
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build /app .
# The secret that lets members resume after a restart. Mount a volume here, so that it survives an
# update of the image: --volume skein:/var/lib/skein
RUN install -d -o node -g node -m 700 /var/lib/skein
ENV SKEIN_STATE_DIR=/var/lib/skein
USER node
EXPOSE 8787
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=3s --start-period=10s \
  CMD wget -q -O /dev/null "http://127.0.0.1:${PORT:-8787}/healthz" || exit 1
ENTRYPOINT ["node", "dist/main.js"]
