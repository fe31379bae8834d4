# syntax=docker/dockerfile:1
# API and worker in one image: `docker build -t clusterwright .`; which of the two runs is the command. docs/production.md tells how it is run.
#
#   --build-arg ENGINE=built   the Pulumi engine is built from its Go module instead of downloaded (some minutes)
#   --target service           leaves the provider plugins out (more than 1 GB): the engine downloads them with the first job

ARG NODE_VERSION=22.23.3
ARG GO_VERSION=1.26
# Which of the two stages below gives the engine: downloaded or built.
ARG ENGINE=downloaded

# The sources, transpiled, with the libraries that they need to run.
FROM node:${NODE_VERSION}-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN --mount=type=cache,target=/root/.npm npm ci --ignore-scripts
COPY . .
RUN node tools/build.mjs \
 && npm prune --omit=dev --ignore-scripts \
 && rm -rf dist/bench dist/test \
 && mkdir /out \
 && cp -a package.json LICENSE Pulumi.yaml dist node_modules /out/ \
 && mkdir /out/tools && cp -a tools/bin /out/tools/

# The engine as its vendor releases it, in the version that package.json pins, held against the checksums of its release.
FROM node:${NODE_VERSION}-bookworm-slim AS engine-downloaded
ARG TARGETARCH
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
# hadolint ignore=DL3008
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates curl && rm -rf /var/lib/apt/lists/*
WORKDIR /tmp/engine
COPY package.json ./
RUN version="$(node -p 'require("./package.json").clusterwright.engine')" \
 && archive="pulumi-v${version}-linux-${TARGETARCH/amd64/x64}.tar.gz" \
 && curl -fsSLO "https://get.pulumi.com/releases/sdk/${archive}" \
 && curl -fsSLO "https://github.com/pulumi/pulumi/releases/download/v${version}/SHA512SUMS" \
 && grep -F "  ${archive}" SHA512SUMS | sha512sum --check --strict - \
 && mkdir -p /opt/pulumi/bin \
 && tar -xzf "${archive}" -C /opt/pulumi/bin --strip-components=1 --no-same-owner pulumi/pulumi

# The same engine from its Go module, whose checksums stand in tools/pulumi/go.sum.
FROM golang:${GO_VERSION}-bookworm AS engine-built
WORKDIR /src
COPY package.json ./
COPY tools/pulumi/go.mod tools/pulumi/go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build \
    version="$(sed -n 's/.*"engine": "\(.*\)".*/\1/p' package.json)" \
 && mkdir -p /opt/pulumi/bin \
 && CGO_ENABLED=0 go build -mod=readonly -trimpath -ldflags "-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v${version}" \
    -o /opt/pulumi/bin/pulumi github.com/pulumi/pulumi/pkg/v3/cmd/pulumi

# hadolint ignore=DL3006
FROM engine-${ENGINE} AS engine

# The providers' plugins in the versions of their libraries, where the engine looks for them.
FROM node:${NODE_VERSION}-bookworm-slim AS plugins
# hadolint ignore=DL3008
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates && rm -rf /var/lib/apt/lists/*
COPY --from=engine /opt/pulumi/bin /opt/pulumi/bin
COPY --from=build /out/node_modules/@pulumi /libraries
ENV PULUMI_HOME=/opt/pulumi PULUMI_SKIP_UPDATE_CHECK=true
RUN for name in aws azure-native kubernetes; do \
      /opt/pulumi/bin/pulumi plugin install resource "$name" "$(node -p "require('/libraries/$name/package.json').version")" || exit 1; \
    done

FROM node:${NODE_VERSION}-bookworm-slim AS service
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Clusterwright" \
      org.opencontainers.image.description="Provisions production-grade Kubernetes clusters as a service: API and worker" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
# tini ends what operations leave behind: an engine whose guard was killed becomes a child of process 1. The engine reads the system's certificate authorities.
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates tini \
 && rm -rf /var/lib/apt/lists/* /usr/local/lib/node_modules /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack /opt/yarn* \
 && groupadd --gid 10001 clusterwright \
 && useradd --uid 10001 --gid 10001 --home-dir /var/lib/clusterwright --create-home --shell /usr/sbin/nologin clusterwright \
 && chmod 0700 /var/lib/clusterwright
COPY --from=engine /opt/pulumi/bin /opt/pulumi/bin
COPY --from=build /out /app
WORKDIR /app
# Go programs without C libraries ask for USER; everything that is written lies in the home and in /tmp, so that the root file system can be read-only.
ENV NODE_ENV=production \
    USER=clusterwright \
    HOME=/var/lib/clusterwright \
    CLUSTERWRIGHT_HOME=/var/lib/clusterwright \
    PULUMI_HOME=/opt/pulumi \
    PATH=/opt/pulumi/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
USER 10001:10001
VOLUME ["/var/lib/clusterwright"]
EXPOSE 8080
# The API; a worker's is "node dist/bin/health.js worker".
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=4 CMD ["node", "dist/bin/health.js", "api"]
ENTRYPOINT ["tini", "--"]
CMD ["node", "--enable-source-maps", "dist/bin/api.js"]

FROM service AS complete
COPY --from=plugins /opt/pulumi/plugins /opt/pulumi/plugins
ENV PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION=true
