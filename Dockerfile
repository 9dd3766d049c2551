# syntax=docker/dockerfile:1
# Three images: --target api, worker or all-in-one. See docs/self-hosting.md.

FROM node:24-trixie-slim AS manifests
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY packages/api/package.json packages/api/
COPY packages/cli/package.json packages/cli/
COPY packages/contract/package.json packages/contract/
COPY packages/core/package.json packages/core/
COPY packages/dashboard/package.json packages/dashboard/
COPY packages/sdk/package.json packages/sdk/
COPY packages/vault/package.json packages/vault/
COPY packages/worker/package.json packages/worker/

# What runs is the Node of the package `node`, which comes along in node_modules.
FROM manifests AS api-modules
RUN npm ci --omit=dev --workspace=@stablehand/api --include-workspace-root

FROM manifests AS worker-modules
RUN npm ci --omit=dev --workspace=@stablehand/worker --workspace=@stablehand/cli --include-workspace-root

FROM manifests AS dashboard
RUN npm ci --workspace=@stablehand/dashboard
COPY packages/sdk/src packages/sdk/src
COPY packages/dashboard packages/dashboard
RUN node packages/dashboard/build/main.ts

# The vault's half that seals: the API's image has no code that opens.
FROM node:24-trixie-slim AS sealing
COPY packages/vault/src /src
RUN rm -r /src/open.ts /src/custody.ts /src/kms

FROM debian:trixie-slim AS runtime
# Debian drops old versions from its archive, so a pinned one would soon not build.
# hadolint ignore=DL3008
RUN apt-get update \
  && apt-get install --yes --no-install-recommends ca-certificates tini \
  && rm -rf /var/lib/apt/lists/* \
  && useradd --uid 10001 --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin stablehand-api \
  && useradd --uid 10002 --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin stablehand-worker
WORKDIR /app
ENTRYPOINT ["/usr/bin/tini", "--"]

FROM runtime AS api
COPY --from=api-modules /app ./
COPY packages/contract packages/contract
COPY packages/core packages/core
COPY --from=sealing /src packages/vault/src
COPY packages/api packages/api
COPY --from=dashboard /app/packages/dashboard/dist packages/dashboard/dist
COPY docs docs
COPY SECURITY.md .env.example ./
ENV HOST=0.0.0.0 PORT=8787 MALLOC_ARENA_MAX=1 VAULT_PUBLIC_KEYRING_FILE=/keys/keyring.public.json
USER 10001:10001
EXPOSE 8787
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s \
  CMD ["node_modules/node/bin/node", "-e", "fetch('http://127.0.0.1:'+process.env.PORT+'/readyz').then(r=>process.exit(r.ok?0:1),()=>process.exit(1))"]
CMD ["node_modules/node/bin/node", "--max-semi-space-size=8", "--max-old-space-size=192", "--permission", \
  "--allow-fs-read=/app/package.json", "--allow-fs-read=/app/packages/api/", "--allow-fs-read=/app/packages/contract/", \
  "--allow-fs-read=/app/packages/core/", "--allow-fs-read=/app/packages/dashboard/dist/", "--allow-fs-read=/app/packages/vault/", "--allow-fs-read=/app/docs/", \
  "--allow-fs-read=/app/SECURITY.md", "--allow-fs-read=/app/.env.example", "--allow-fs-read=/app/node_modules/", "--allow-fs-read=/keys/keyring.public.json", \
  "packages/api/src/main.ts"]

FROM runtime AS browser
# hadolint ignore=DL3008
RUN apt-get update \
  && apt-get install --yes --no-install-recommends \
    chromium chromium-sandbox fonts-liberation fonts-noto-color-emoji xvfb \
  && rm -rf /var/lib/apt/lists/*
COPY --from=worker-modules /app ./
COPY --chmod=755 deploy/docker/stablehand /usr/local/bin/stablehand
COPY packages/contract packages/contract
COPY packages/core packages/core
COPY packages/vault packages/vault
COPY packages/worker packages/worker
COPY packages/cli packages/cli
# A volume takes its owner from here when it is first mounted; Xvfb makes its socket's directory only as root.
RUN install -d -m 755 -o 10002 -g 10002 /data && install -d -m 700 -o 10002 -g 10002 /data/worker \
  && install -d -m 1777 /tmp/.X11-unix
ENV CHROMIUM_PATH=/usr/lib/chromium/chromium STABLEHAND_DATA_DIR=/data HOME=/tmp

FROM browser AS worker
ENV MALLOC_ARENA_MAX=1 TMPDIR=/tmp/stablehand VAULT_KEYRING_FILE=/data/worker/keyring.json VAULT_KEY_FILE=/data/worker/vault.key
USER 10002:10002
CMD ["node_modules/node/bin/node", "--max-semi-space-size=16", "--disable-sigusr1", "--conditions=worker", "packages/worker/src/main.ts"]

FROM browser AS all-in-one
COPY packages/api packages/api
COPY --from=dashboard /app/packages/dashboard/dist packages/dashboard/dist
COPY docs docs
COPY SECURITY.md .env.example ./
ENV HOST=0.0.0.0 PORT=8787
USER 10002:10002
VOLUME ["/data"]
EXPOSE 8787
CMD ["stablehand", "start"]
