# syntax=docker/dockerfile:1
# The server without PostgreSQL: give it DATABASE_URL. docker-compose.yml shows both together.

FROM rust:1.95-bookworm AS build
WORKDIR /build
# Thin LTO doubles the time of the build and buys no smaller image.
ENV SQLX_OFFLINE=true CARGO_PROFILE_RELEASE_LTO=off
# Dependencies first: this layer is reused until Cargo.lock changes.
COPY Cargo.toml Cargo.lock ./
RUN mkdir src && touch src/lib.rs && echo 'fn main() {}' > src/main.rs \
  && cargo build --release --locked && rm -rf src
COPY . .
RUN touch src/lib.rs src/main.rs && cargo build --release --locked

FROM debian:bookworm-slim
RUN apt-get update \
  && apt-get install -y --no-install-recommends ca-certificates \
  && rm -rf /var/lib/apt/lists/* \
  && useradd --system --uid 10001 --home-dir /var/lib/leadrelay --create-home --shell /usr/sbin/nologin leadrelay
COPY --from=build /build/target/release/leadrelay /usr/local/bin/leadrelay
COPY LICENSE-APACHE LICENSE-MIT /usr/share/doc/leadrelay/
USER leadrelay
WORKDIR /var/lib/leadrelay
# The instance key is kept here unless LEADRELAY__SECRET_KEY is given.
VOLUME /var/lib/leadrelay
ENV LEADRELAY__DATA_DIR=/var/lib/leadrelay LEADRELAY__SERVER__LISTEN=0.0.0.0:8080
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 CMD ["bash", "-c", \
  "exec 3<>/dev/tcp/127.0.0.1/8080 && printf 'GET /healthz HTTP/1.0\\r\\nHost: localhost\\r\\n\\r\\n' >&3 && head -n 1 <&3 | grep -q ' 200 '"]
ENTRYPOINT ["leadrelay"]
CMD ["serve"]
