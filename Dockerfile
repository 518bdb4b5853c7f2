# Build: docker build -t primed .
# Run:   docker run --rm primed                      the six jobs of config/chapter.json
#        docker run --rm -i primed run - <jobs.json  a list of your own

FROM debian:bookworm-slim AS build
WORKDIR /source
COPY scripts/install-packages scripts/
RUN scripts/install-packages build check
COPY . .
RUN cmake --preset release && cmake --build --preset release \
 && ctest --preset release -j "$(nproc)" \
 && strip -o /primed build/release/bin/primed

FROM debian:bookworm-slim
COPY scripts/install-packages /tmp/
RUN /tmp/install-packages runtime \
 && rm -rf /tmp/install-packages /var/lib/apt/lists/* /var/cache/apt/*
COPY --from=build /primed /usr/bin/primed
COPY config/ /etc/primed/
# A number, so that an orchestrator can see for itself that this is not root.
USER 10001:10001
STOPSIGNAL SIGTERM
ENTRYPOINT ["/usr/bin/primed"]
CMD ["run", "/etc/primed/chapter.json"]
